-- grain: a clause that our measures decide: its lines and their units beside the rows and units that it should pay for
-- inputs: contracts.statement_lines, outcomes.person_measures, outcomes.measure_results, terms.clauses
with
lines as (
    select
        clause_id,
        count(*) as line_count,
        sum(quantity) as line_quantity
    from contracts.statement_lines
    where contract_id = $contract_id
    group by clause_id
),

persons as (
    select
        c.clause_id,
        count(*) as row_count,
        sum(if(c.counts = 'numerator', m.numerator, 1)::decimal(18, 6)) as row_quantity
    from outcomes.person_measures as m
    inner join terms.clauses as c
        on
            m.measure_id = c.measure_id
            and m.index_on >= c.starts_on
            and m.index_on <= c.ends_on
    where
        c.contract_id = $contract_id
        and c.pays_per = 'person'
        and coalesce(m.program_code = c.program_code, c.program_code is null)
        and list_contains(
            case when c.pays_when is null then ['met', 'not_met', 'censored'] else [c.pays_when] end, m.status_code
        )
    group by c.clause_id
),

-- a provider's quarter that is wholly known, has people enough, and lies on the right side of the threshold
providers as (
    select
        c.clause_id,
        count(*) as row_count,
        count(*)::decimal(18, 6) as row_quantity
    from outcomes.measure_results as r
    inner join terms.clauses as c on r.measure_id = c.measure_id
    where
        c.contract_id = $contract_id
        and c.pays_per = 'provider_period'
        and r.cut_code = 'provider'
        and r.period similar to '\d{4}Q[1-4]'
        and r.immature = 0
        and r.n >= c.minimum_n
        and r.estimate * if(c.pays_when = 'at_most', 1, -1) <= c.threshold * if(c.pays_when = 'at_most', 1, -1)
        and make_date(left(r.period, 4)::integer, right(r.period, 1)::integer * 3 - 2, 1)
        between c.starts_on and c.ends_on
    group by c.clause_id
)

select
    c.clause_id,
    coalesce(l.line_count, 0) as line_count,
    coalesce(p.row_count, q.row_count, 0) as row_count,
    coalesce(l.line_quantity, 0)::decimal(18, 6) as line_quantity,
    coalesce(p.row_quantity, q.row_quantity, 0)::decimal(18, 6) as row_quantity
from terms.clauses as c
left join lines as l on c.clause_id = l.clause_id
left join persons as p on c.clause_id = p.clause_id
left join providers as q on c.clause_id = q.clause_id
where c.contract_id = $contract_id and c.pays_per <> 'population'
order by c.clause_id
