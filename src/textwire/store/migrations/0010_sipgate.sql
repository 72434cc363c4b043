-- Extensions: the numbered places of an account's users, and the caller ids that each of them may choose from.

-- `chosen` is the caller id that texts go out under, 0: the built-in name; `callers` is the last one's number.
-- A number is never given to another user: an extension stays when its user goes.
create table extension (
  account {int} not null, number {int} not null, principal {int} not null, alias text not null default '',
  chosen {int} not null default 0, callers {int} not null default 0, primary key (account, number)
) {table};
create unique index extension_principal on extension (principal);

-- `verified_at` 0: waits for its code (µs, real clock).
create table caller_id (
  account {int} not null, extension {int} not null, number {int} not null, address text not null,
  verified_at {int} not null default 0, primary key (account, extension, number)
) {table};
create unique index caller_id_address on caller_id (account, extension, address);

-- What users have put on messages of their history; a message that nothing was put on has no row.
create table history_mark (
  message {id}, archived {int} not null default 0, read {int} not null default 0, starred {int} not null default 0,
  note text not null default '', at {int} not null
) {table};
