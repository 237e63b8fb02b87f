-- grain: a row of a person, with the number of its measure, why it is excluded, and what of it is summed
-- inputs: outcomes.person_measures, definitions.measures, definitions.exclusions
-- Sums are of decimals: they are the same in every order, and those of doubles are not.
with
reasons as (
    select measure_id, flags, min_by(reason_code, reason_rank) as reason_code
    from (
        select distinct p.measure_id, p.flags, e.reason_code, e.reason_rank
        from outcomes.person_measures as p
        inner join definitions.exclusions as e
            on p.measure_id = e.measure_id and list_contains(string_split(p.flags, ','), e.reason_code)
        where p.status_code = 'excluded'
    ) as told
    group by measure_id, flags
),

-- few rows are excluded: only their flags are looked up
explained as (
    select p.*, null::varchar as reason_code
    from outcomes.person_measures as p
    where p.status_code <> 'excluded'
    union all
    select p.*, coalesce(r.reason_code, 'unstated')
    from outcomes.person_measures as p
    left join reasons as r on p.measure_id = r.measure_id and p.flags = r.flags
    where p.status_code = 'excluded'
)

select
    d.measure_number,
    p.person_id,
    p.period,
    p.program_code,
    p.provider_id,
    p.index_on,
    p.status_code,
    p.reason_code,
    p.status_code in ('met', 'not_met') or (p.status_code = 'censored' and d.kind = 'rate') as is_counted,
    p.numerator::decimal(18, 6) as numerator,
    p.person_time::decimal(18, 6) as person_time,
    -- only a rate's interval asks for squares, which need the wider decimals
    case when d.kind = 'rate' then p.numerator::decimal(19, 6) end as rate_numerator,
    case when d.kind = 'rate' then p.person_time::decimal(19, 6) end as rate_time
from explained as p
inner join definitions.measures as d on p.measure_id = d.measure_id
