-- grain: group of persons that somebody counts on (a contract's clause, a measure): how many of its members change
-- inputs: work.before, work.now (client_key, person_id), work.memberships (kind, code, part, person_id, paid_usd)
-- merged: clients of the member are together with clients of another; split: they are no longer all together. A member
-- may be both. replaced: no client is under the member's id any more. members_now: persons that its clients are then.
with now_persons as (
    select n.person_id, count(*) as clients, count(distinct b.person_id) as persons_before
    from work.now as n
    inner join work.before as b on n.client_key = b.client_key
    group by n.person_id
),

moves as (
    select b.person_id, n.person_id as now_id, p.persons_before
    from work.before as b
    inner join work.now as n on b.client_key = n.client_key
    inner join now_persons as p on n.person_id = p.person_id
    group by b.person_id, n.person_id, p.persons_before
),

members as (
    select
        person_id, count(*) > 1 as is_split, bool_or(persons_before > 1) as is_merged,
        not bool_or(now_id = person_id) as is_replaced
    from moves
    group by person_id
),

effects as (
    select *, is_split or is_merged or is_replaced as is_changed from members
),

sizes as (
    select g.kind, g.code, g.part, count(distinct m.now_id) as members_now
    from work.memberships as g
    inner join moves as m on g.person_id = m.person_id
    group by g.kind, g.code, g.part
)

select
    g.kind, g.code, g.part,
    count(*) as members,
    s.members_now,
    count_if(e.is_changed)::bigint as changed,
    count_if(e.is_merged)::bigint as merged,
    count_if(e.is_split)::bigint as split,
    count_if(e.is_replaced)::bigint as replaced,
    coalesce(sum(g.paid_usd) filter (where e.is_changed), 0) as paid_usd_of_changed
from work.memberships as g
inner join effects as e on g.person_id = e.person_id
inner join sizes as s on g.kind = s.kind and g.code = s.code and g.part = s.part
group by g.kind, g.code, g.part, s.members_now
order by g.kind, g.code, g.part
