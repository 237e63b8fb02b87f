-- grain: a mental health service; a sixth of them to members
select
    case when i % 6 = 0 then 1 + (chance(i, 49, members()) + 1) * 46 else chance(i, 50, all_persons()) + 1 end
        as client_key,
    'mental_health' as agency,
    'service' as source_table,
    'service-' || i as service_id,
    (7001 + chance(i, 51, 196))::varchar as provider_id,
    first_on() + chance(i, 52, 2130)::integer as served_on,
    '15' as mode_code,
    ['01', '10', '30', '60', '70'][chance(i, 53, 5) + 1] as service_function_code,
    15 + 5 * chance(i, 54, 20) as minutes_count
from range(clients() * 39 // 10) as t (i)
