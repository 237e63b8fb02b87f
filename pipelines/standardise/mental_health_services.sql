-- grain: a mental health service to a client on a day
-- inputs: current.mental_health_service
select
    client_key('mental_health', s.client_id) as client_key,
    'mental_health' as agency,
    'service' as source_table,
    s.service_id,
    s.provider_id,
    s.served_on,
    s.mode_code,
    s.service_function_code,
    s.minutes_count,
    s._delivery_id,
    s._line_number
from current.mental_health_service as s
order by s.service_id
