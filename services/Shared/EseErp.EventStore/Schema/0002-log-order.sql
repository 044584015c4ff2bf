-- The log's own order: readers go by position, which is version order in each stream (docs/decisions/0002). Transaction ids are the
-- cluster's and did not survive a dump and restore.

-- What is not published yet under the old order decides where the relay goes on; what was published comes again and stops at the inbox.
update ese.relay_position r set position = coalesce(
    (select min(e.position) - 1 from ese.event_log e where (e.xid, e.position) > (r.xid, r.position)),
    (select max(e.position) from ese.event_log e),
    0);
alter table ese.relay_position drop column xid;

alter table ese.event_log drop constraint event_log_pkey, drop column xid, add primary key (position);

-- Has a statement fail that met another number of rows than it had to; to the unit of work that is a lost race.
create function ese.require_rows(met bigint, wanted bigint) returns void language plpgsql as $$
begin
    if met <> wanted then
        raise exception '% rows were to be written, and % were met', wanted, met using errcode = 'ESE02';
    end if;
end $$;
