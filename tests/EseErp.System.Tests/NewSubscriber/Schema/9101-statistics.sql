create table reasons (
    reason  text   primary key,
    returns bigint not null
);

create table refunds (
    currency text    primary key,
    amount   numeric not null
);
