-- What the test team's hot path reads.
create table machines (
    code text primary key,
    name text not null
);
