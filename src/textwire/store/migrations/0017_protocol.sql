-- What networks may be told of a message: its protocol identifier, and its class but for 0.
alter table telling add column protocol {int} not null default 0;
alter table telling add column shown {int} not null default 0;
