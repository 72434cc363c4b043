-- Channels that are sockets: what was told waits in a box until it has arrived.

-- `ends_at` and `made_at` are on the real clock; `holder` names the socket that is connected, or was last.
create table box (
  channel {id}, role text not null default '', made_at {int} not null, ends_at {int} not null,
  holder {int} not null default 0
) {table};
create index box_end on box (ends_at, channel);

-- Which events a subscription puts into its channel's box: those of its number behind `since`, up to `until`.
create table route (
  hook {id}, account {int} not null, number text not null, channel {int} not null, since {int} not null,
  until {int} not null
) {table};
create index route_number on route (account, number);

create table letter (
  channel {int} not null, event {int} not null, hook {int} not null, primary key (channel, event)
) {table};

-- Everything up to this event lies in the boxes that it belongs into.
insert into counter (name, value) values ('mail', 0);

-- Webhooks on which no subscription hangs, and since when (real clock): in the end they are collected.
create table idle_channel (channel {id}, since {int} not null) {table};
create index hook_channel on hook (channel) where channel <> 0;
