-- grain: a psychiatric emergency visit; of members more often than of others
select
    'visit-' || i as episode_id,
    case when i % 8 = 0 then 1 + (chance(i, 22, members()) + 1) * 46 else chance(i, 23, all_persons()) + 1 end
        as person_id,
    1 as source_count,
    first_on() + chance(i, 24, 2130)::integer as started_on,
    started_on::timestamp as started_at,
    started_on::timestamp + interval 6 hour as ended_at,
    1 as contact_count,
    'health' as agencies,
    'health_pes' as rule_codes
from range(clients() // 4) as t (i)
