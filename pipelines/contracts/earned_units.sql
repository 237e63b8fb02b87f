-- grain: a unit that earned a payment: a person under a clause, or a provider and quarter under a clause
-- inputs: outcomes.person_measures, outcomes.measure_results, terms.clauses
with
persons as (
    select
        c.contract_id,
        c.clause_id,
        c.measure_id,
        m.definition_version,
        m.person_id,
        m.provider_id,
        m.program_code as row_program_code,
        m.index_on,
        m.window_end_on as earned_on,
        coalesce(m.period, '') as measure_period,
        case c.counts when 'numerator' then m.numerator else 1 end as quantity
    from terms.clauses as c
    inner join outcomes.person_measures as m
        on
            c.measure_id = m.measure_id
            -- a clause that pays for what is counted, and for no status, pays for every row that is counted
            and (
                c.pays_when = m.status_code
                or (c.pays_when is null and m.status_code in ('met', 'not_met', 'censored'))
            )
            and (c.program_code is null or c.program_code = m.program_code)
            and m.index_on between c.starts_on and c.ends_on
    where c.pays_per = 'person'
),

quarters as (
    select
        *,
        make_date(left(period, 4)::integer, right(period, 1)::integer * 3 - 2, 1) as quarter_from_on
    from outcomes.measure_results
    where cut_code = 'provider' and regexp_full_match(period, '\d{4}Q[1-4]') and estimate is not null and immature = 0
),

providers as (
    select
        c.contract_id,
        c.clause_id,
        c.measure_id,
        q.definition_version,
        null::bigint as person_id,
        q.cut_value as provider_id,
        null::varchar as row_program_code,
        q.quarter_from_on as index_on,
        (q.quarter_from_on + interval 3 month - interval 1 day)::date as earned_on,
        q.period as measure_period,
        1 as quantity
    from terms.clauses as c
    inner join quarters as q
        on
            c.measure_id = q.measure_id
            and c.minimum_n <= q.n
            and q.quarter_from_on between c.starts_on and c.ends_on
            and case c.pays_when when 'at_most' then c.threshold >= q.estimate else c.threshold <= q.estimate end
    where c.pays_per = 'provider_period'
)

select
    *,
    quantity::decimal(18, 6) as unit_quantity,
    concat_ws(
        '/', contract_id, clause_id, coalesce(person_id::varchar, ''), coalesce(provider_id, ''),
        coalesce(row_program_code, ''), index_on::varchar, measure_period
    ) as line_key
from (
    from persons
    union all by name
    from providers
) as units
order by line_key
