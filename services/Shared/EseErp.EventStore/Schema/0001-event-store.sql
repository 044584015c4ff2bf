-- The event log: application log and outbox in one table. Append-only.
create schema if not exists ese;

create table ese.event_log (
    -- Readers order and checkpoint by (xid, position): see docs/decisions on reading the log.
    xid            xid8        not null default pg_current_xact_id(),
    position       bigint      generated always as identity,
    stream_id      text        not null,
    stream_version int         not null,
    event_id       uuid        not null,
    type           text        not null,
    subject        text        not null,
    time           timestamptz not null,
    correlation_id text        not null,
    causation_id   text,
    coordination   text        not null,
    traceparent    text,
    data           json        not null,
    primary key (xid, position),
    constraint event_log_stream_version unique (stream_id, stream_version)
);

create function ese.refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'the event log is append-only';
end $$;

create trigger event_log_is_append_only
    before update or delete or truncate on ese.event_log
    for each statement execute function ese.refuse_change();

-- How far the relay has published the log.
create table ese.relay_position (
    topic      text        primary key,
    xid        xid8        not null,
    position   bigint      not null,
    updated_at timestamptz not null
);

-- What was answered to a request that carried an Idempotency-Key.
create table ese.idempotency_keys (
    key        text        not null,
    operation  text        not null,
    body_hash  bytea       not null,
    subject    text, -- what the request brought about, while its answer is still being worked on
    status     int,
    location   text,
    body       text,
    created_at timestamptz not null,
    primary key (key, operation)
);
create index idempotency_keys_created_at on ese.idempotency_keys (created_at);

-- Facts that arrived before the request they belong to; applied as soon as it does.
create table ese.early_facts (
    return_id      text        not null,
    place          bigint      generated always as identity, -- order of arrival
    type           text        not null,
    data           json        not null,
    cause_event_id uuid, -- the event that carried the fact; null when it did not come as an event
    seen_at        timestamptz not null default now(),
    primary key (return_id, place)
);
