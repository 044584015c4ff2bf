-- A re-drive of many goes through the open letters by id.
create index dead_letters_open_by_id on ese.dead_letters (id) where open;
