-- What became of webhooks, attempt by attempt, and what is to be delivered again.

-- A first attempt that succeeded has no row: the delivery says all there is to say.
create table attempt (
  delivery {int} not null, n {int} not null, at {int} not null, status {int} not null default 0,
  error text not null default '', reply text not null default '', ms {int} not null default 0,
  primary key (delivery, n)
) {table};

create index delivery_failed on delivery (hook, id) where state = 'failed';

-- The events after `position`, up to `last`, that a hook should have heard; the outbox says when it goes on.
create table replay (
  id {id}, hook {int} not null unique, position {int} not null, last {int} not null, again {int} not null default 0
) {table};
