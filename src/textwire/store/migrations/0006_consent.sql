-- Consent and keeping: who wants no texts, what accounts have settled about it, what is purged and erased.

create index opt_out_at on opt_out (account, at desc, number);

-- Opt-outs whose number was erased: `digest` is all that is left of it, under a key outside the database.
create table suppression (
  account {int} not null, digest text not null, source text not null, at {int} not null,
  primary key (account, digest)
) {table};

-- Lists of opt-outs on their way in: staged row by row, then (from `applying` on) they all count, come what may.
create table opt_out_list (
  id {id}, account {int} not null, state text not null check (state in ('staging', 'applying', 'done')),
  added {int} not null default 0, actor text not null default '', at {int} not null
) {table};
create table opt_out_staged (
  list {int} not null, n {int} not null, number text not null, primary key (list, n)
) {table};

-- What an account has settled about one subject, as JSON; no row: the usual.
create table ruling (
  subject text not null check (subject in ('keywords', 'quiet_hours', 'retention')), account {int} not null,
  value text not null, updated_at {int} not null, primary key (subject, account)
) {table};

-- How often a person was answered by us since `since`: two machines must not answer each other for ever.
create table auto_answer (
  account {int} not null, number text not null, since {int} not null, answers {int} not null,
  primary key (account, number)
) {table};
create index auto_answer_since on auto_answer (since);

-- How far an account's messages were purged, by identifier: of texts, and wholly.
create table purge (account {id}, bodies {int} not null default 0, messages {int} not null default 0) {table};

-- Messages that a purge had to leave behind, and when they are looked at again.
create table lingering (id {id}, account {int} not null, due_at {int} not null) {table};
create index lingering_due on lingering (due_at, id);

-- Numbers to be erased. `number` is emptied at the end; `cursor` is how far the present phase has come.
create table erasure (
  id {id}, account {int} not null, number text not null, digest text not null,
  state text not null check (state in ('running', 'done')), phase text not null, cursor text not null default '',
  messages {int} not null default 0, canceled {int} not null default 0, requested_by text not null default '',
  due_at {int} not null, created_at {int} not null, finished_at {int} not null default 0
) {table};
create index erasure_account on erasure (account, id);
create index erasure_due on erasure (due_at, id) where state = 'running';

create index event_opt_out on event (account, number) where type in ('optout.added', 'optout.removed');
