-- The table of the benchmark's team.
create table public.intakes (
    return_id     varchar(40) collate "C" primary key,
    order_id      varchar(40) not null,
    customer_id   varchar(40),
    sku           varchar(40) not null,
    serial_number varchar(60) not null,
    location      varchar(20) not null,
    reason        varchar(30) not null
);
