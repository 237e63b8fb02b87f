-- grain: a tenancy record of a person who moved in, with the tenancy episode it is part of
-- inputs: standard.tenancies, person_index.person_of_client, code_sets.housing_programs
with
dated as (
    select
        p.person_id,
        t.*,
        coalesce(k.program_rank, 99) as program_rank,
        coalesce(k.is_fallback, false) as is_fallback,
        t.agency || '|' || t.tenancy_id as source_order,
        coalesce(t.housed_to_on + $max_gap_days::integer, date '9999-12-31') as joins_until_on
    from standard.tenancies as t
    inner join person_index.person_of_client as p using (client_key)
    left join code_sets.housing_programs as k using (program_code)
    where t.housed_from_on is not null
),

reached as (
    select
        *,
        max(joins_until_on) over (
            partition by person_id order by housed_from_on, source_order
            rows between unbounded preceding and 1 preceding
        ) as reached_on
    from dated
),

numbered as (
    select
        *,
        count(*) filter (where reached_on is null or housed_from_on > reached_on) over (
            partition by person_id order by housed_from_on, source_order
            rows between unbounded preceding and current row
        ) as episode_number
    from reached
)

select
    'tenancy-' || left(md5(min(source_order) over (partition by person_id, episode_number)), 16) as episode_id,
    person_id,
    agency,
    source_table,
    tenancy_id as source_key,
    program_code,
    program_rank,
    is_fallback,
    provider_id,
    housed_from_on,
    housed_to_on,
    exit_kind,
    _delivery_id,
    _line_number
from numbered
