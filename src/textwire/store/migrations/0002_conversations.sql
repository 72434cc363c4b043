-- What is kept for reading, written behind the messages, and batches.

-- The number of the last event that is filed: everything below is derived from messages born up to it.
insert into counter (name, value) values ('filed', 0), ('skew_low', 0), ('skew_high', 0);

-- Messages between one side of ours (a number or sender name) and one remote. `id` is that of a message of it.
create table conversation (
  id {id}, account {int} not null, number text not null, remote text not null, length {int} not null,
  received {int} not null, first {int} not null, last {int} not null
) {table};
create unique index conversation_key on conversation (account, number, remote);
create index conversation_last on conversation (account, last);
create index conversation_number on conversation (account, number, last);
create index conversation_remote on conversation (account, remote, last);

-- Where a message stands; `event` is the number of its birth.
create table filed (
  message {id}, conversation {int} not null, account {int} not null, remote text not null,
  received {int} not null, event {int} not null
) {table};
create index filed_conversation on filed (conversation, message);
create index filed_remote on filed (account, remote, message);

-- What a principal has read: inbound messages born up to the event `upto`, `seen` of those that still exist.
create table read_mark (
  conversation {int} not null, principal {int} not null, upto {int} not null, seen {int} not null,
  at {int} not null, primary key (conversation, principal)
) {table};

-- The messages of trial accounts by principal, because there may be only so many.
create table trial_message (
  principal {int} not null, message {int} not null, primary key (principal, message)
) {table};
create index trial_message_message on trial_message (message);

-- One text for many; its items keep recipient and values only until they are messages or refused.
create table batch (
  id {id}, account {int} not null, principal {int} not null, state text not null
    check (state in ('working', 'done', 'canceled')),
  sender text not null, text text not null, wishes text not null, total {int} not null,
  created_at {int} not null, updated_at {int} not null
) {table};
create index batch_account on batch (account, id);
create index batch_working on batch (id) where state = 'working';
create table batch_item (
  batch {int} not null, n {int} not null, state text not null
    check (state in ('pending', 'accepted', 'refused', 'canceled')),
  recipient text not null, given text not null, message {int} not null default 0,
  code text not null default '', field text not null default '', detail text not null default '',
  primary key (batch, n)
) {table};
