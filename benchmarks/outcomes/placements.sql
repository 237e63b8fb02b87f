-- grain: the first placement of a person in a programme: those of Just in Reach, and as many as a county has in others
with placed as (
    select 13 + i * 1300 as person_id, 'JIR' as program_code, i as place from range(tenants()) as t (i)
    union all
    select 7 + i * 50, 'FHSP', i from range(clients() // 400) as t (i)
    union all
    select 9 + i * 50, 'HMIS_PSH', i from range(clients() // 400) as t (i)
)

select
    person_id,
    program_code,
    first_on() + chance(person_id, 42, 1900)::integer as placed_on,
    case program_code when 'HMIS_PSH' then null else 'housing-' || (place % 20) end as provider_id,
    'tenancy-' || program_code || '-' || person_id as episode_id
from placed
