-- An event that takes long is tried among its like, so that others which are tried again do not wait for it.
alter table ese.retries add column slow boolean not null default false;

-- Whether anything of a key is set aside, whatever the topic: then a batch applies nothing of it while that is being tried.
create index retries_by_key on ese.retries (key);
create index dead_letters_open_by_key on ese.dead_letters (key) where open;
