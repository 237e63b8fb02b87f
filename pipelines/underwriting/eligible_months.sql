-- grain: person × month in which the person is eligible on its first day
-- inputs: work.events, work.months, terms.criteria, episodes.persons
-- $needed: how many criteria must hold
-- No look-ahead: an episode counts once it began before the month, and its end is asked for only where the end lies
-- before the look-back began.
with holding as (
    select m.month_on, e.person_id, c.criterion
    from work.months as m
    cross join terms.criteria as c
    inner join work.events as e
        on
            c.kind = e.kind
            and m.month_on > e.started_on
            and (e.until_on is null or e.until_on > m.month_on - to_months(c.within_months))
    group by m.month_on, e.person_id, c.criterion, c.at_least
    having count(*) >= c.at_least
)

select h.month_on, h.person_id
from holding as h
inner join episodes.persons as p using (person_id)
where p.died_on is null or p.died_on >= h.month_on
group by h.month_on, h.person_id
having count(*) >= $needed
