-- What an account has settled may be about calls, too: where a vendor would tell them.

create table ruling_wider (
  subject text not null check (subject in ('keywords', 'quiet_hours', 'retention', 'call_hooks')),
  account {int} not null, value text not null, updated_at {int} not null, primary key (subject, account)
) {table};
insert into ruling_wider (subject, account, value, updated_at) select subject, account, value, updated_at from ruling;
drop table ruling;
alter table ruling_wider rename to ruling;
