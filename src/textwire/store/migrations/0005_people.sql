-- What was changed by whom: only ever appended to, each entry sealed together with the one before it.
create table audit (
  account {int} not null, number {int} not null, at {int} not null, actor text not null, action text not null,
  subject text not null, data text not null default '{}', previous text not null, hash text not null,
  primary key (account, number)
) {table};
