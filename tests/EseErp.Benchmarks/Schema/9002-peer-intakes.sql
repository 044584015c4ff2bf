-- The team's table in the comparison with peers. Nothing makes a return unique: what is handled twice is to be seen.
create table public.peer_intakes (
    id            uuid primary key,
    return_id     varchar(40) not null,
    order_id      varchar(40) not null,
    customer_id   varchar(40),
    sku           varchar(40) not null,
    serial_number varchar(60) not null,
    location      varchar(20) not null,
    reason        varchar(30) not null
);
