-- What was changed by whom: only ever appended to, each entry sealed together with the one before it.
create table audit (
  account {int} not null, number {int} not null, at {int} not null, actor text not null, action text not null,
  subject text not null, data text not null default '{}', previous text not null, hash text not null,
  primary key (account, number)
) {table};
-- What an application has beside its name and its key: where its events are told, and what a vendor's API keeps of it.
create table application (
  id {id}, inbound_url text not null default '', status_url text not null default '', kept text not null default '{}'
) {table};
