-- grain: a tenancy as it was sent
select
    13 + i * 1300 as client_key,
    'fhsp' as agency,
    'tenancy' as source_table,
    'tenancy-' || i as tenancy_id,
    'housing-' || (i % 20) as provider_id
from range(tenants()) as t (i)
