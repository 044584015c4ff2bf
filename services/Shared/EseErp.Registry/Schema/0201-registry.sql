-- Reference data as it is now: one row per entity, deleted ones included, so that their versions go on when they come back.
create table ese.registry_entities (
    type           text        not null,
    id             text        collate "C" not null,
    version        int         not null,
    schema_version int         not null,
    document       json,       -- null: deleted
    changed_at     timestamptz not null,
    changed_by     text        not null,
    primary key (type, id)
);

-- How it came about. A version has its difference to the one before (docs/decisions/0007), a created one the document
-- itself, and every so many versions have the document too, so that reading as of a version stays flat.
create table ese.registry_versions (
    type           text        not null,
    id             text        collate "C" not null,
    version        int         not null,
    kind           text        not null, -- Created, Changed or Deleted
    schema_version int         not null,
    diff           json,
    snapshot       json,
    changed_at     timestamptz not null, -- never before the version before
    changed_by     text        not null,
    primary key (type, id, version)
);
create index registry_snapshots on ese.registry_versions (type, id, version) where snapshot is not null;
create index registry_versions_by_time on ese.registry_versions (type, id, changed_at, version);

create function ese.refuse_change_of_history() returns trigger language plpgsql as $$
begin
    raise exception 'the history of reference data is append-only';
end $$;

create trigger registry_versions_are_append_only
    before update or delete or truncate on ese.registry_versions
    for each statement execute function ese.refuse_change_of_history();
