-- Events that a consumer failed on and that are tried again after a pause, each with the later events of its key, which wait behind it.
-- An attempt is counted before it is made, so that one that ends the process counts as well.
create table ese.retries (
    id        bigint      generated always as identity primary key,
    topic     text        not null,
    partition int         not null,
    "offset"  bigint      not null,
    key       text        not null,
    type      text        not null,
    event_id  uuid        not null,
    attempts  int         not null, -- 0: waits behind another one
    error     text,
    value     bytea       not null,
    parked_at timestamptz not null default now(),
    next_at   timestamptz not null,
    unique (topic, partition, "offset", event_id)
);
create index retries_key on ese.retries (topic, key, "offset");
create index retries_due on ese.retries (next_at);

-- How many processes in a row began at next_offset (begun_at) and did not get further, and how often the record at an offset was
-- tried alone since. This is how a record is found that ends the process.
alter table ese.group_offsets alter moved_at drop not null;
alter table ese.group_offsets
    add begun_at bigint,
    add begun    int not null default 0,
    add trying   bigint,
    add tries    int not null default 0;
