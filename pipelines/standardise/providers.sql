-- grain: a Full Service Partnership provider (clinic)
-- inputs: current.mental_health_provider
select p.provider_id, p.provider_name, p.service_area_code
from current.mental_health_provider as p
order by p.provider_id
