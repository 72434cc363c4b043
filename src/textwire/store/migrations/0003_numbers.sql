-- What numbers cost, and the codes by which somebody proves to hold one.

create index number_due on number (due_at, number) where due_at > 0;
create index sender_address on sender (address);

-- A month of a number that was paid for; `id` is that of the ledger's line.
create table rent (
  id {id}, number text not null, account {int} not null, amount {int} not null, since {int} not null,
  until {int} not null
) {table};
create index rent_number on rent (number, id);

-- A code that was texted, as a keyed hash. Times are of the real clock. `message` 0: nothing of its text is left.
create table code (
  id {id}, account {int} not null, principal {int} not null, purpose text not null, number text not null,
  digest text not null, state text not null check (state in ('live', 'used', 'dead', 'replaced')),
  tries {int} not null default 0, message {int} not null default 0, sent_at {int} not null,
  expires_at {int} not null
) {table};
create index code_number on code (number, sent_at);
create index code_account on code (account, sent_at);
create index code_sent on code (sent_at);
create index code_text on code (expires_at, id) where message <> 0;
create unique index code_live on code (account, purpose, number) where state = 'live';
