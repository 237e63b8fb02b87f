-- grain: a Full Service Partnership; one a member
select
    'partnership-' || i as episode_id,
    1 + i * 46 as person_id,
    1 as source_count,
    (7001 + chance(i, 34, 196))::varchar as provider_id,
    provider_id as last_provider_id,
    'adult' as age_group_code,
    first_on() + chance(i, 35, 2000)::integer as started_on,
    case
        when chance(i, 36, 100) < 45
            then started_on + 30 + chance(i, 37, greatest(last_on() - first_on() - 40 - chance(i, 35, 2000), 1))::integer
    end as ended_on,
    case
        when ended_on is not null
            then ['MET_GOALS', 'MOVED', 'DECEASED', 'JAIL', 'LOST_CONTACT', 'PARTNER_DECISION'][chance(i, 38, 6) + 1]
    end as discontinuation_reason_code,
    chance(i, 39, 2) = 0 as focal_homeless,
    chance(i, 40, 3) = 0 as focal_justice,
    chance(i, 41, 3) = 0 as focal_crisis,
    1 as enrollment_count
from range(1, members() + 1) as t (i)
