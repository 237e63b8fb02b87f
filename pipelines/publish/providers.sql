-- Grain: provider.
-- Inputs: standard.providers
select provider_id, provider_name, service_area_code
from standard.providers
