-- grain: a tenancy
with placed as (
    select 13 + i * 1300 as person_id, 'JIR' as program_code from range(tenants()) as t (i)
    union all
    select 7 + i * 50, 'FHSP' from range(clients() // 400) as t (i)
    union all
    select 9 + i * 50, 'HMIS_PSH' from range(clients() // 400) as t (i)
)

select
    'tenancy-' || program_code || '-' || person_id as episode_id,
    person_id,
    1 as source_count,
    program_code,
    null::varchar as provider_id,
    first_on() + chance(person_id, 42, 1900)::integer as started_on,
    case when chance(person_id, 45, 3) = 0 then started_on + 60 + chance(person_id, 43, 1200)::integer end as ended_on,
    case
        when ended_on is null then 'open'
        else ['permanent', 'institution', 'deceased', 'eviction', 'jail', 'unknown'][chance(person_id, 46, 6) + 1]
    end as exit_kind,
    1 as unit_count
from placed
