-- grain: a span of a member with one provider
select
    1 + i * 46 as person_id,
    (7001 + chance(i, 34, 196))::varchar as provider_id,
    'enrollment-' || i as enrollment_id,
    first_on() + chance(i, 35, 2000)::integer as started_on,
    case
        when chance(i, 36, 100) < 45
            then started_on + 30 + chance(i, 37, greatest(last_on() - first_on() - 40 - chance(i, 35, 2000), 1))::integer
    end as ended_on
from range(1, members() + 1) as t (i)
