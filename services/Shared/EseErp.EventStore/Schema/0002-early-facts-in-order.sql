-- Ids made within one millisecond do not tell which came first.
alter table ese.early_facts add column place bigint generated always as identity;
