-- Ids of events made within one millisecond have no order, and a batch of facts is remembered faster than that.
alter table ese.early_facts add column position bigint generated always as identity;
-- The event that carried the fact; null when it did not come as an event.
alter table ese.early_facts add column cause_event_id uuid;
