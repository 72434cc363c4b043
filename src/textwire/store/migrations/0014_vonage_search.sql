-- What whoever sent a message says came of it: whether its recipient did what was asked for, and when (µs).
create table conversion (message {id}, delivered {int} not null, at {int} not null) {table};

-- Requests to send that were refused, kept for some days so that their sender can look them up.
create table rejection (
  id {id}, account {int} not null, sender text not null, recipient text not null, code text not null,
  label text not null, at {int} not null
) {table};
create index rejection_recipient on rejection (account, recipient, at, id);
create index rejection_at on rejection (at, id);
