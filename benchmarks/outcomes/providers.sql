-- grain: a provider
select
    (7000 + i)::varchar as provider_id,
    'Clinic ' || i as provider_name,
    'SPA' || (i % 8 + 1) as service_area_code
from range(1, 197) as t (i)
