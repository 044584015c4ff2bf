-- How far the service's consumer group has applied each topic partition, moved in the transaction that applies a batch.
create table ese.group_offsets (
    topic       text        not null,
    partition   int         not null,
    next_offset bigint      not null,
    moved_at    timestamptz not null,
    primary key (topic, partition)
) with (fillfactor = 50);

-- Moves offsets from where the consumer believes they are (0: nowhere yet). If one of them is elsewhere, another process or a replay
-- has moved it, and the whole batch is refused.
create function ese.move_offsets(p_topics text[], p_partitions int[], p_from bigint[], p_to bigint[]) returns void language plpgsql as $$
declare
    v_moved bigint;
begin
    insert into ese.group_offsets as g (topic, partition, next_offset, moved_at)
    select m.topic, m.partition, m.next, now() from unnest(p_topics, p_partitions, p_from, p_to) as m(topic, partition, believed, next)
    where m.believed = 0 or exists (select from ese.group_offsets known where known.topic = m.topic and known.partition = m.partition)
    order by m.topic, m.partition
    on conflict (topic, partition) do update set next_offset = excluded.next_offset, moved_at = excluded.moved_at
    where g.next_offset = (select u.believed from unnest(p_topics, p_partitions, p_from) as u(topic, partition, believed)
                           where u.topic = g.topic and u.partition = g.partition);
    get diagnostics v_moved = row_count;
    if v_moved <> cardinality(p_topics) then
        raise exception 'the stored offsets are not where this consumer believes they are' using errcode = 'ESE01';
    end if;
end $$;
