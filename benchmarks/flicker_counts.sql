-- Grain: one row: what changed over all steps from one night to the next.
-- Inputs: seen.clients (night, client_key, person_id, described), seen.events (night, event_code, events).
-- Known: there on both nights. A person of tonight is changed if a known client in it was with other known clients
-- yesterday; it has a reason if one of the persons involved has a client that is new, gone or described otherwise.
with steps as (
    select
        coalesce(n.night, b.night + 1) as night, coalesce(n.client_key, b.client_key) as client_key,
        b.person_id as person_before, n.person_id as person_now,
        b.person_id is null as is_new, n.person_id is null as is_gone,
        b.described is distinct from n.described as is_described_otherwise
    from seen.clients as b
    full join seen.clients as n on b.client_key = n.client_key and b.night + 1 = n.night
    where coalesce(n.night, b.night + 1) between 1 and (select max(night) from seen.clients)
),

known as (
    select * from steps where not is_new and not is_gone
),

sizes as (
    select night, person_before, person_now, count(*) as both_count from known group by all
),

origins as (
    select night, person_now, count(*) as parts, any_value(person_before) as person_before from sizes group by all
),

heirs as (
    select night, person_before, count(*) as parts from sizes group by all
),

changed as (
    select distinct s.night, s.person_now, s.person_before
    from sizes as s
    inner join origins as o on s.night = o.night and s.person_now = o.person_now
    inner join heirs as h on s.night = h.night and s.person_before = h.person_before
    where o.parts > 1 or h.parts > 1
),

with_reason as (
    select distinct c.night, c.person_now
    from changed as c
    inner join steps as s
        on c.night = s.night and (c.person_now = s.person_now or c.person_before = s.person_before)
    where s.is_new or s.is_gone or s.is_described_otherwise
),

changed_persons as (
    select distinct night, person_now from changed
)

select
    (select count(distinct night) from steps) as steps,
    (select count(distinct (night, person_id)) // count(distinct night) from seen.clients) as persons,
    (select count(*) from steps where is_new) as new_clients,
    (select count(*) from steps where is_gone) as gone_clients,
    (select count(*) from known where is_described_otherwise) as described_otherwise,
    (
        select count(distinct (night, person_now)) from known where person_before <> person_now
    ) as renamed_persons,
    (select count(*) from changed_persons) as changed_persons,
    (
        select count(*) from changed_persons anti join with_reason using (night, person_now)
    ) as changed_without_reason,
    (select coalesce(sum(events), 0)::bigint from seen.events where event_code = 'merged') as merges,
    (select coalesce(sum(events), 0)::bigint from seen.events where event_code = 'split') as splits
