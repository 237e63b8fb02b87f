-- grain: a unit that earned a payment: a person under a clause, or a provider and period under a clause
-- inputs: outcomes.person_measures, outcomes.measure_results, terms.clauses
with
persons as (
    select
        c.*,
        m.definition_version,
        m.person_id,
        m.provider_id,
        m.program_code as row_program_code,
        m.index_on,
        m.window_end_on as earned_on,
        coalesce(m.period, '') as measure_period,
        year(m.window_end_on)::varchar || 'Q' || quarter(m.window_end_on)::varchar as period
    from terms.clauses as c
    inner join outcomes.person_measures as m
        on
            c.measure_id = m.measure_id
            and c.pays_when = m.status_code
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
        c.*,
        q.definition_version,
        null::bigint as person_id,
        q.cut_value as provider_id,
        null::varchar as row_program_code,
        q.quarter_from_on as index_on,
        (q.quarter_from_on + interval 3 month - interval 1 day)::date as earned_on,
        q.period as measure_period,
        q.period
    from terms.clauses as c
    inner join quarters as q
        on
            c.measure_id = q.measure_id
            and c.minimum_n <= q.n
            and q.quarter_from_on between c.starts_on and c.ends_on
            and case c.pays_when when 'at_most' then c.threshold >= q.estimate else c.threshold <= q.estimate end
    where c.pays_per = 'provider_period'
),

units as (
    from persons
    union all by name
    from providers
),

earned as (
    select
        *,
        concat_ws(
            '/', contract_id, clause_id, coalesce(person_id::varchar, ''), coalesce(provider_id, ''),
            coalesce(row_program_code, ''), index_on::varchar, measure_period
        ) as line_key,
        1::decimal(18, 6) as quantity,
        round(1::decimal(18, 6) * price_usd, 2)::decimal(18, 2) as earned_usd
    from units
),

clause_capped as (
    select
        *,
        greatest(
            least(
                earned_usd,
                coalesce(clause_cap_usd, 9999999999999.99)
                - (sum(earned_usd) over clause_order - earned_usd)
            ),
            0
        )::decimal(18, 2) as clause_usd
    from earned
    window clause_order as (
        partition by contract_id, clause_id order by earned_on, line_key
        rows between unbounded preceding and current row
    )
),

capped as (
    select
        *,
        -- a cap is used up in the order in which payments were earned, then in the order of the clauses
        greatest(
            least(clause_usd, contract_cap_usd - (sum(clause_usd) over contract_order - clause_usd)), 0
        )::decimal(18, 2) as amount_usd
    from clause_capped
    window contract_order as (
        partition by contract_id order by earned_on, clause_position, line_key
        rows between unbounded preceding and current row
    )
)

select
    contract_id,
    contract_version,
    clause_id,
    'line-' || left(md5(line_key), 16) as line_id,
    period,
    measure_id,
    definition_version,
    person_id,
    provider_id,
    index_on,
    earned_on,
    quantity,
    unit,
    price_usd,
    earned_usd,
    amount_usd
from capped
order by contract_id, period, clause_id, line_id
