-- Who has just texted with whom: a minute's worth, so that two programs that answer each other are noticed.

-- `kind`: in (they texted us), out (we answered; what was sent before anybody answered has no row), told (their loop
-- was stopped in this minute of the clock, and the account knows). `id` is a message's, or 0.
create table exchange (
  account {int} not null, number text not null, remote text not null, at {int} not null, kind text not null,
  id {int} not null, primary key (account, remote, number, at, kind, id)
) {table};
create index exchange_at on exchange (at);

-- Events that name a number outside of messages have their time like texts.
drop index event_opt_out;
create index event_opt_out on event (account, number) where type in ('optout.added', 'optout.removed', 'loop.stopped');
