-- grain: a person
select
    i as person_id,
    1 + (i % 3 = 0)::integer as client_count,
    case i % 3 when 0 then 'health,sheriff' else 'mental_health' end as agencies,
    chance(i, 5, 100) > 1 as is_linkable,
    case when chance(i, 8, 100) < 3 then first_on() + chance(i, 9, 2130)::integer end as died_on
from range(1, all_persons() + 1) as t (i)
