-- What people call a credential, where a principal has several of a kind.
alter table credential add column name text not null default '';
