-- How whoever sent a message wants to hear of it, where that is not as its account has set it.
create table telling (
  message {id}, url text not null default '', receipts {int} not null default 1, entity text not null default '',
  content text not null default ''
) {table};
