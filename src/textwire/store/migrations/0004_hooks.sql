-- What became of webhooks, attempt by attempt, and what is to be delivered again.

-- The first attempt of a delivery has no row when it succeeded without a word: the delivery says all there is.
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
