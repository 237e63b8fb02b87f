-- grain: a unit of a tenancy; a third of the tenants moved once
with placed as (
    select 13 + i * 1300 as person_id, 'JIR' as program_code from range(tenants()) as t (i)
    union all
    select 7 + i * 50, 'FHSP' from range(clients() // 400) as t (i)
    union all
    select 9 + i * 50, 'HMIS_PSH' from range(clients() // 400) as t (i)
),

lived as (
    select
        *,
        first_on() + chance(person_id, 42, 1900)::integer as placed_on,
        60 + chance(person_id, 43, 1200)::integer as days,
        chance(person_id, 44, 3) = 0 as has_moved
    from placed
)

select
    'unit-' || program_code || '-' || person_id || '-' || unit as unit_id,
    'tenancy-' || program_code || '-' || person_id as episode_id,
    person_id,
    program_code,
    1 as program_rank,
    null::varchar as provider_id,
    placed_on + (unit * (days + 3))::integer as started_on,
    case
        when unit = 0 and has_moved then placed_on + days
        when chance(person_id, 45, 3) = 0 then started_on + days
    end as ended_on,
    case
        when ended_on is null then 'open'
        when unit = 0 and has_moved then 'transfer'
        else ['permanent', 'institution', 'deceased', 'eviction', 'jail', 'unknown'][chance(person_id, 46, 6) + 1]
    end as exit_kind
from (select *, unnest(range(1 + has_moved::integer)) as unit from lived) as units
