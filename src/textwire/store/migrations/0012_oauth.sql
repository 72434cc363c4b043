-- OAuth of a vendor's door: the programs that users may let act for them, and what came of each login through one.

-- `secret` is sealed: its owner may look at it again. `kept` is JSON: addresses and texts.
create table oauth_client (
  id {id}, account {int} not null references account (id), public_id text not null unique, secret text not null,
  name text not null, kept text not null default '{}', created_at {int} not null
) {table};
create index oauth_client_account on oauth_client (account, id);

-- One chain of tokens. `code` is the digest of the code that opens it, "": it was opened at once. `pair` names the tokens that
-- count now, "": none were given out yet; `credential` is the password that proved the user. Times on the real clock.
create table login (
  id {id}, session text not null unique, principal {int} not null, credential {int} not null, client text not null,
  scopes text not null, code text not null default '', asked text not null default '{}', pair text not null default '',
  auth_at {int} not null, until {int} not null
) {table};
create unique index login_code on login (code) where code <> '';
create index login_client on login (client, principal, id);
create index login_until on login (until, id);
