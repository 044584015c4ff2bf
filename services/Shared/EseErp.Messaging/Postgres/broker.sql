-- The embedded broker: an append-only log per topic partition in a database of its own. Run by the owner of the database;
-- services only get what ese_broker_client is granted below. Idempotent.
create table if not exists topics (
    id         int  generated always as identity primary key,
    name       text not null unique,
    partitions int  not null check (partitions between 1 and 1024)
);

-- The next free offset of each partition.
create table if not exists heads (
    topic_id    int    not null references topics,
    partition   int    not null,
    next_offset bigint not null,
    primary key (topic_id, partition)
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

-- Appends records to a topic. One writer per topic at a time, until its commit: offsets become visible in order and
-- without gaps, so that a reader may simply go on from the last offset it saw.
create or replace function publish(p_topic_id int, p_partitions int[], p_keys text[], p_values bytea[]) returns void
language plpgsql security definer set search_path = public as $$
declare
    v_segment int := extract(epoch from now())::bigint / 86400;
    v_touched text;
begin
    perform pg_advisory_xact_lock(hashtext('publish'), p_topic_id);
    if to_regclass('records_' || v_segment) is null then
        perform pg_advisory_xact_lock(hashtext('create_segment'));
        if to_regclass('records_' || v_segment) is null then
            execute format('create table records_%s partition of records for values from (%s) to (%s)', v_segment, v_segment, v_segment + 1);
        end if;
    end if;

    with incoming as (
        select r.partition, r.key, r.value, row_number() over (partition by r.partition order by r.place) as number
        from unnest(p_partitions, p_keys, p_values) with ordinality as r(partition, key, value, place)
    ), counts as (
        select i.partition, count(*) as records from incoming i group by i.partition
    ), moved as (
        update heads h set next_offset = h.next_offset + c.records
        from counts c where h.topic_id = p_topic_id and h.partition = c.partition
        returning h.partition, h.next_offset - c.records as first_offset
    ), written as (
        insert into records (segment, topic_id, partition, "offset", key, value, time)
        select v_segment, p_topic_id, i.partition, m.first_offset + i.number - 1, i.key, i.value, now()
        from incoming i join moved m on m.partition = i.partition
    )
    select string_agg(c.partition::text, ',') into v_touched from counts c;
    perform pg_notify('ese_records', p_topic_id || ':' || v_touched);
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

revoke all on function create_topic(text, int), publish(int, int[], text[], bytea[]), apply_retention() from public;
grant usage on schema public to ese_broker_client;
grant select on topics, heads, records to ese_broker_client;
grant select, insert, update on group_offsets to ese_broker_client;
grant execute on function create_topic(text, int), publish(int, int[], text[], bytea[]), apply_retention() to ese_broker_client;
