-- The embedded broker: an append-only log per topic partition in a database of its own. Run by the owner of the database;
-- services only get what ese_broker_client is granted below. Idempotent.
create table if not exists topics (
    id         int  generated always as identity primary key,
    name       text not null unique,
    partitions int  not null check (partitions between 1 and 1024)
);

-- The next free offset of each partition, and the day of its last record.
create table if not exists heads (
    topic_id    int    not null references topics,
    partition   int    not null,
    next_offset bigint not null,
    primary key (topic_id, partition)
) with (fillfactor = 50);
alter table heads add column if not exists segment int not null default 0;

-- How far each service's event log is published, and the event at that place.
create table if not exists producers (
    name       text        primary key,
    position   bigint      not null,
    event_id   uuid,
    updated_at timestamptz not null
) with (fillfactor = 50);

-- Segments are days since 1970, so that old records go by dropping a table.
create table if not exists records (
    segment   int         not null,
    topic_id  int         not null,
    partition int         not null,
    "offset"  bigint      not null,
    key       text        not null,
    value     bytea       not null,
    time      timestamptz not null,
    primary key (topic_id, partition, "offset", segment)
) partition by range (segment);

-- How far groups have read, for tools. What counts is in the database in which a group applies what it reads.
create table if not exists group_offsets (
    consumer_group text        not null,
    topic_id       int         not null references topics,
    partition      int         not null,
    next_offset    bigint      not null,
    last_seen      timestamptz not null,
    primary key (consumer_group, topic_id, partition)
) with (fillfactor = 50);

create or replace function create_topic(p_name text, p_partitions int) returns int
language plpgsql security definer set search_path = public as $$
declare
    v_id int;
begin
    perform pg_advisory_xact_lock(hashtext('create_topic'));
    select id into v_id from topics where name = p_name;
    if v_id is null then
        insert into topics (name, partitions) values (p_name, p_partitions) returning id into v_id;
        insert into heads (topic_id, partition, next_offset) select v_id, p, 0 from generate_series(0, p_partitions - 1) p;
    end if;
    return v_id;
end $$;

-- Puts a topic back that a standby which took over had not heard of, under the id by which the processes know it.
create or replace function restore_topic(p_id int, p_name text, p_partitions int) returns void
language plpgsql security definer set search_path = public as $$
begin
    perform pg_advisory_xact_lock(hashtext('create_topic'));
    if not exists (select from topics where name = p_name or id = p_id) then
        insert into topics (id, name, partitions) overriding system value values (p_id, p_name, p_partitions);
        insert into heads (topic_id, partition, next_offset) select p_id, p, 0 from generate_series(0, p_partitions - 1) p;
    end if;
end $$;

-- Appends records to topics. One writer per topic at a time, until its commit: offsets become visible in order and
-- without gaps, so that a reader may simply go on from the last offset it saw, and days never go back within a partition.
-- Who listens is told what was written where, and of which kinds: whoever wants none of them need not read it.
create or replace function write_records(p_topics int[], p_partitions int[], p_keys text[], p_values bytea[], p_kinds text[]) returns void
language plpgsql security definer set search_path = public as $$
declare
    v_segment int;
    v_topic int;
    v_ends text;
    v_records bigint;
    v_written bigint := 0;
begin
    perform pg_advisory_xact_lock(hashtext('publish'), t.id) from (select distinct unnest(p_topics) as id order by 1) t;
    -- Taken under the lock, and never before what is there.
    select greatest(extract(epoch from clock_timestamp())::bigint / 86400, max(h.segment)) into v_segment
    from heads h where h.topic_id = any (p_topics);
    if to_regclass('records_' || v_segment) is null then
        perform pg_advisory_xact_lock(hashtext('create_segment'));
        if to_regclass('records_' || v_segment) is null then
            execute format('create table records_%s partition of records for values from (%s) to (%s)', v_segment, v_segment, v_segment + 1);
        end if;
    end if;

    for v_topic, v_ends, v_records in
        with incoming as (
            select r.topic_id, r.partition, r.key, r.value, r.kind, row_number() over (partition by r.topic_id, r.partition order by r.place) as number
            from unnest(p_topics, p_partitions, p_keys, p_values, p_kinds) with ordinality as r(topic_id, partition, key, value, kind, place)
        ), counts as (
            select i.topic_id, i.partition, count(*) as records, string_agg(distinct coalesce(i.kind, '?'), ',') as kinds
            from incoming i group by i.topic_id, i.partition
        ), moved as (
            update heads h set next_offset = h.next_offset + c.records, segment = v_segment
            from counts c where h.topic_id = c.topic_id and h.partition = c.partition
            returning h.topic_id, h.partition, h.next_offset, h.next_offset - c.records as first_offset, c.kinds, c.records
        ), written as (
            insert into records (segment, topic_id, partition, "offset", key, value, time)
            select v_segment, i.topic_id, i.partition, m.first_offset + i.number - 1, i.key, i.value, now()
            from incoming i join moved m on m.topic_id = i.topic_id and m.partition = i.partition
        )
        select m.topic_id, string_agg(format('%s:%s:%s:%s', m.partition, m.first_offset, m.next_offset, m.kinds), '|'), sum(m.records) from moved m group by m.topic_id
    loop
        -- A payload has a limit; without one, whoever listens looks.
        perform pg_notify('ese_records_' || v_topic, case when length(v_ends) < 7000 then v_ends else '' end);
        v_written := v_written + v_records;
    end loop;
    -- A publisher that goes by ids it once looked up must not write into nothing.
    if v_written <> cardinality(p_topics) then
        raise exception 'a topic or a partition is not there' using errcode = 'ESE03';
    end if;
end $$;

create or replace function publish(p_topic_id int, p_partitions int[], p_keys text[], p_values bytea[]) returns void
language sql security definer set search_path = public as $$
    select write_records(array_fill(p_topic_id, array[cardinality(p_partitions)]), p_partitions, p_keys, p_values, array_fill(null::text, array[cardinality(p_partitions)]));
$$;

-- Publishes a part of an event log, and notes how far that is, in one transaction: what is there already is not written again.
-- Returns false when the log is published to another position than p_after: another process publishes it, and nothing was written.
create or replace function publish_log(
    p_producer text, p_after bigint, p_upto bigint, p_event_id uuid, p_topics int[], p_partitions int[], p_keys text[], p_values bytea[], p_kinds text[])
    returns boolean
language plpgsql security definer set search_path = public as $$
declare
    v_position bigint;
begin
    select position into v_position from producers where name = p_producer for update;
    if v_position is distinct from p_after then
        return false;
    end if;

    perform write_records(p_topics, p_partitions, p_keys, p_values, p_kinds);
    update producers set position = p_upto, event_id = p_event_id, updated_at = now() where name = p_producer;
    return true;
end $$;

-- Where a log begins to be published, or begins again after its database was restored from an older copy. Whoever is first wins; returns what holds then.
create or replace function place_producer(p_producer text, p_from bigint, p_to bigint) returns bigint
language plpgsql security definer set search_path = public as $$
begin
    if p_from is null then
        insert into producers (name, position, updated_at) values (p_producer, p_to, now()) on conflict (name) do nothing;
    else
        update producers set position = p_to, event_id = null, updated_at = now() where name = p_producer and position = p_from;
    end if;
    return (select position from producers where name = p_producer);
end $$;

-- How long records are kept: the owner's choice. A service may have it applied, and neither read nor change it.
create table if not exists settings (
    only_one  boolean  primary key default true check (only_one),
    retention interval not null check (retention >= interval '1 day')
);
insert into settings (retention) values (interval '7 days') on conflict do nothing;

-- Drops the days that have wholly outlived the retention; returns how many went. Takes no argument, so that a service that
-- calls it can drop nothing else. Gives up after two seconds when readers are in the way, rather than hold up those behind it.
create or replace function apply_retention() returns int
language plpgsql security definer set search_path = public set lock_timeout = '2s' as $$
declare
    v_first_kept int := floor((extract(epoch from now()) - extract(epoch from (select retention from settings))) / 86400);
    v_table text;
    v_count int := 0;
begin
    perform pg_advisory_xact_lock(hashtext('create_segment'));
    for v_table in
        select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
        where i.inhparent = 'records'::regclass and substring(c.relname from 'records_(\d+)')::int < v_first_kept
    loop
        execute format('drop table %I', v_table);
        v_count := v_count + 1;
    end loop;
    return v_count;
end $$;
drop function if exists drop_records_before(int);

revoke all on function create_topic(text, int), restore_topic(int, text, int), write_records(int[], int[], text[], bytea[], text[]), publish(int, int[], text[], bytea[]),
    publish_log(text, bigint, bigint, uuid, int[], int[], text[], bytea[], text[]), place_producer(text, bigint, bigint), apply_retention() from public;
grant usage on schema public to ese_broker_client;
grant select on topics, heads, records, producers to ese_broker_client;
grant select, insert, update on group_offsets to ese_broker_client;
grant execute on function create_topic(text, int), restore_topic(int, text, int), publish(int, int[], text[], bytea[]),
    publish_log(text, bigint, bigint, uuid, int[], int[], text[], bytea[], text[]), place_producer(text, bigint, bigint), apply_retention() to ese_broker_client;
