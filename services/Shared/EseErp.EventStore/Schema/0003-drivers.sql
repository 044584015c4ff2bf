-- Who drives a document that was opened by a call with a key: only calls with that key do. A document without a row is anybody's.
create table ese.drivers (
    return_id  text        primary key,
    driver_key text        not null
);
