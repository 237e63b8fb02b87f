-- grain: a person who was ever eligible: the first day of their first eligible month, and when they were treated
-- inputs: work.eligible_months, work.treated, episodes.persons
select
    e.person_id,
    min(e.month_on) as index_on,
    any_value(t.treated_on) as treated_on,
    any_value(p.died_on) as died_on,
    any_value(p.is_linkable) as is_linkable
from work.eligible_months as e
inner join episodes.persons as p using (person_id)
left join work.treated as t using (person_id)
group by e.person_id
