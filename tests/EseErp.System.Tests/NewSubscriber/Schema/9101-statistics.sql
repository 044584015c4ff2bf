-- Rows are only ever added, and added up when somebody asks: a row per reason that every batch updates would have batches wait
-- for each other, and now and then deadlock.
create table requested_returns (
    id     bigint generated always as identity primary key,
    reason text   not null
);

create table paid_refunds (
    id       bigint  generated always as identity primary key,
    currency text    not null,
    amount   numeric not null
);
