-- A letter is open until it is re-driven or discarded. A discarded one stays, with who discarded it and why.
alter table ese.dead_letters
    add column discarded_at   timestamptz,
    add column discarded_by   text,
    add column discard_reason text,
    -- What the record is, beside its place: a topic that was made again, or a broker that came back from a copy, uses offsets anew.
    add column fingerprint    bytea not null default '',
    add column open           boolean not null generated always as (redriven_at is null and discarded_at is null) stored;

update ese.dead_letters set fingerprint = sha256(convert_to(key, 'UTF8') || '\x00'::bytea || value);

alter table ese.dead_letters drop constraint dead_letters_topic_partition_offset_key;
create unique index dead_letters_record on ese.dead_letters (topic, partition, "offset", fingerprint);
drop index ese.dead_letters_waiting;
create index dead_letters_open on ese.dead_letters (topic, key, "offset") where open;
create index dead_letters_closed on ese.dead_letters (topic, key) where not open;

-- Re-drives of many letters: what was asked for, and how far they are. Any replica goes on with one whose driver is gone.
create table ese.redrives (
    id           bigint      generated always as identity primary key,
    topic        text,
    key          text,
    type         text,
    reason       text,
    last_letter  bigint      not null, -- letters that came later are not asked for, unless they are of the same key
    letters      bigint      not null, -- how many were asked for
    redriven     bigint      not null default 0,
    requested_at timestamptz not null default now(),
    finished_at  timestamptz,
    driver       uuid,
    driven_until timestamptz not null default '-infinity'
);
create index redrives_unfinished on ese.redrives (id) where finished_at is null;

-- Keys that a re-drive leaves, each with the letter that failed again.
create table ese.redrive_failures (
    redrive_id bigint not null references ese.redrives on delete cascade,
    letter_id  bigint not null,
    topic      text   not null,
    key        text   not null,
    error      text   not null,
    primary key (redrive_id, letter_id)
);
