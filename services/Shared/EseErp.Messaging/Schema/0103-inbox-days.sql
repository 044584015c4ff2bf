-- The partitions of the inbox, and when an event of that day arrived last: a partition goes by that, not by its day.
create table ese.inbox_days (
    day          int         primary key,
    last_arrival timestamptz not null
);

insert into ese.inbox_days (day, last_arrival)
select substring(c.relname from 'inbox_(\d+)')::int, now()
from pg_inherits i join pg_class c on c.oid = i.inhrelid
where i.inhparent = 'ese.inbox'::regclass;
