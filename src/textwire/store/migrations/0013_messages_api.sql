-- How what becomes of a message is worded where its sender's API knows several ways, and what it calls the message.
alter table telling add column form text not null default '';
alter table telling add column name text not null default '';
create index telling_name on telling (name) where name <> '';
