-- Tables of the test team. Nothing in them is unique that a double effect would trip over: a test has to see it.
create table public.receipts (
    id        bigint generated always as identity primary key,
    return_id text not null,
    number    int  not null,
    xid       text not null default pg_current_xact_id()::text
);

create table public.shelves (
    sku   text primary key,
    stock int  not null
);

create table public.crates (
    id       varchar(40) collate "C" primary key,
    kind     varchar(20) not null,
    owner    uuid,
    parcels  int,
    weight   numeric     not null,
    sealed   boolean     not null,
    packed   timestamptz,
    place    bigint      not null,
    content  jsonb,
    days     text[]      not null,
    marks    text[]      not null,
    legs     jsonb
);
