-- Live events: an account's events from a number on, for readers that come back.

create index event_account on event (account, number);
