-- What waits for nothing any more is tried as often as its consumer says; this is when the next time is due.
alter table ese.dead_letters add column next_at timestamptz;
