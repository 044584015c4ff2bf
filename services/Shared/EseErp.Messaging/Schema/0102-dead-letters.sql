-- Records the group could not apply, and the later ones of their keys, which wait behind them. Entered in the transaction
-- that gives up on the record; never deleted, only re-driven.
create table ese.dead_letters (
    id          bigint      generated always as identity primary key,
    topic       text        not null,
    partition   int         not null,
    "offset"    bigint      not null,
    key         text        not null,
    type        text,
    event_id    uuid,
    reason      text        not null, -- Exhausted, Unreadable or Behind
    error       text        not null,
    exception   text,
    attempts    int         not null,
    value       bytea       not null,
    dead_at     timestamptz not null default now(),
    redriven_at timestamptz,
    published   boolean     not null default false,
    unique (topic, partition, "offset")
);
create index dead_letters_waiting on ese.dead_letters (topic, key, "offset") where redriven_at is null;
create index dead_letters_unpublished on ese.dead_letters (id) where not published;
