-- Which events a consumer group has applied, written in the transaction that applies them. Partitioned by the day the event
-- was recorded, which a redelivery shares, so that old entries go by dropping a partition.
create table ese.inbox (
    consumer_group text not null,
    event_id       uuid not null,
    event_day      int  not null,
    primary key (event_id, consumer_group, event_day)
) partition by range (event_day);
