-- The house: who, what, what is owed, what happened. One text for both engines; {id}, {int} and {table} are
-- the engine's words. Times are µs UTC, money is 10⁻⁸ EUR, flags are 0/1.

create table setting (name text not null primary key, value text not null) {table};
create table counter (name text not null primary key, value {int} not null) {table};
insert into counter (name, value) values ('event', 0), ('hook', 0);

-- A running process: the owner of what it holds, as long as its lease is alive.
create table node (epoch {id}, lease_until {int} not null) {table};

create table account (
  id {id}, name text not null unique, vonage_key text unique, balance {int} not null,
  trial {int} not null default 0, state text not null default 'active', settings text not null default '{}',
  created_at {int} not null
) {table};

create table principal (
  id {id}, account {int} not null references account (id), kind text not null
    check (kind in ('user', 'project', 'application', 'key', 'esme', 'system')),
  public_id text not null unique, email text unique, name text not null default '', created_at {int} not null
) {table};
create index principal_account on principal (account, id);

create table credential (
  id {id}, principal {int} not null references principal (id), kind text not null, lookup text not null unique,
  hash text not null default '', scopes text not null default '', expires_at {int} not null default 0,
  created_at {int} not null, used_at {int} not null default 0
) {table};
create index credential_principal on credential (principal, id);

create table number (
  number text not null primary key, account {int} not null references account (id),
  country text not null default '', created_at {int} not null, type text not null default '',
  features text not null default '', monthly {int} not null default 0,
  state text not null default 'active' check (state in ('active', 'overdue', 'suspended')),
  due_at {int} not null default 0, paid_until {int} not null default 0, label text not null default '',
  settings text not null default '{}'
) {table};
create index number_account on number (account, number);

create table assignment (
  number text not null references number (number), principal {int} not null references principal (id),
  is_default {int} not null default 0, suspended {int} not null default 0, primary key (principal, number)
) {table};
create index assignment_number on assignment (number);

create table sender (
  account {int} not null, address text not null, principal {int} not null default 0,
  verified_at {int} not null default 0, primary key (account, address)
) {table};
create table price (prefix text not null primary key, amount {int} not null) {table};

create table message (
  id {id}, account {int} not null, principal {int} not null, direction text not null, state text not null
    -- Compared one by one, the common ones first: SQLite takes three times as long for a list of 13.
    check (state = 'delivered' or state = 'sent' or state = 'submitting' or state = 'queued'
      or state = 'scheduled' or state = 'received' or state = 'ambiguous' or state = 'quarantined'
      or state = 'rejected' or state = 'failed' or state = 'undelivered' or state = 'expired'
      or state = 'canceled'),
  sender text not null, recipient text not null, text text not null, encoding text not null,
  total {int} not null, reference {int} not null default 0, carrier text not null default '',
  price {int} not null default 0, correlator text not null default '', batch {int} not null default 0,
  klass text not null default '', on_ambiguous text not null default 'resend', flash {int} not null default 0,
  send_at {int} not null default 0, valid_until {int} not null default 0, attempts {int} not null default 0,
  possible_duplicate {int} not null default 0, reason text not null default '', error text not null default '',
  sequence {int} not null default 1, created_at {int} not null, updated_at {int} not null,
  raw text not null default '', incomplete {int} not null default 0, rights text not null default '',
  ref text not null default ''
) {table};
create index message_account on message (account, id);
-- What is rare enough to be looked for, and costs the common message nothing; the rest is filed behind the writes.
create index message_in on message (account, id) where direction = 'in';
-- Not as a list of states, for the same reason; a query has to say it in the same words.
create index message_odd on message (account, id) where state <> 'delivered' and state <> 'sent'
  and state <> 'submitting' and state <> 'queued' and state <> 'received';
create index message_ref on message (account, correlator, id) where correlator <> '';
create index message_batch on message (account, batch, id) where batch <> 0;
create index message_bound on message (carrier, ref, id) where ref <> '';

-- The segments of messages that have several; the only one of a message is the message itself.
create table segment (
  id {id}, message {int} not null, n {int} not null, text text not null default '', state text not null,
  carrier text not null default '', ref text not null default ''
) {table};
create index segment_ref on segment (carrier, ref, id) where ref <> '';

-- A receipt whose segment is 0 is parked: its other half has not come yet.
create table receipt (
  id {id}, segment {int} not null default 0, carrier text not null, ref text not null, state text not null,
  error text not null default '', raw text not null default '', at {int} not null
) {table};
create index receipt_segment on receipt (segment, id) where segment <> 0;
create index receipt_parked on receipt (carrier, ref, id) where segment = 0;

-- Inbound segments that wait for the others of their message.
create table part (
  id {id}, carrier text not null, sender text not null, recipient text not null, reference {int} not null,
  total {int} not null, n {int} not null, text text not null, raw text not null default '', at {int} not null
) {table};
create index part_message on part (carrier, sender, recipient, reference, total, n);
create index part_at on part (at);

create table event (
  number {id}, account {int} not null, type text not null, subject {int} not null, sequence {int} not null,
  state text not null, at {int} not null, data text not null default '{}', segment {int} not null default 0,
  hook {int} not null default 0
) {table};
create index event_subject on event (subject, number) where subject <> 0;

-- What is owed, to which loop (topic), from when. `owner` is the epoch of the process that holds it, 0: nobody.
create table outbox (
  id {id}, topic text not null, due_at {int} not null, ref {int} not null, owner {int} not null default 0
) {table};
create index outbox_due on outbox (topic, due_at, id);

create table ledger (
  id {id}, account {int} not null, message {int} not null default 0, kind text not null, amount {int} not null,
  at {int} not null
) {table};

create table idempotency (
  account {int} not null, scope text not null, key text not null, digest text not null, status {int} not null,
  answer text not null, at {int} not null, primary key (account, scope, key)
) {table};
create index idempotency_at on idempotency (at);

create table opt_out (
  account {int} not null, number text not null, source text not null default '', at {int} not null,
  primary key (account, number)
) {table};

-- A place where a vendor's notifications go; the own API's hooks carry their address themselves.
create table channel (
  id {id}, account {int} not null, principal {int} not null, public_id text not null unique, kind text not null,
  url text not null default '', credential text not null default '', correlator text not null default '',
  lifetime {int} not null default 0, created_at {int} not null
) {table};
create index channel_principal on channel (principal, id);

create table hook (
  id {id}, account {int} not null, principal {int} not null, public_id text not null unique,
  dialect text not null, channel {int} not null default 0, url text not null, types {int} not null,
  number text not null default '', secret text not null default '', correlator text not null default '',
  state text not null default 'active' check (state in ('active', 'disabled', 'canceled')),
  failing_since {int} not null default 0, created_at {int} not null, old_secret text not null default '',
  old_until {int} not null default 0
) {table};
create index hook_account on hook (account, id);
create index hook_principal on hook (principal, number);

create table delivery (
  id {id}, event {int} not null, hook {int} not null, segment {int} not null default 0, account {int} not null,
  state text not null check (state = 'delivered' or state = 'pending' or state = 'failed'), attempts {int} not null default 0,
  status {int} not null default 0, error text not null default '', updated_at {int} not null,
  base {int} not null default 0, reply text not null default '', ms {int} not null default 0
) {table};
create unique index delivery_key on delivery (event, hook, segment);
create index delivery_hook on delivery (hook, id);
