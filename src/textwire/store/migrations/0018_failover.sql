-- Messages that follow one that has failed: the one that is out, and what is left behind it.
create table workflow (
  id {id}, account {int} not null, principal {int} not null, message {int} not null, steps text not null
) {table};
create index workflow_message on workflow (message);
create index workflow_account on workflow (account, id);

-- As the API by which a message was sent calls the workflow that it belongs to, and its place there.
alter table telling add column workflow text not null default '';
alter table telling add column item {int} not null default 0;
alter table telling add column items {int} not null default 0;
