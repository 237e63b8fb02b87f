-- grain: a clause that our measure decides, a scenario of the linkage, a period of the measure: units that count
-- inputs: terms.clauses, outcomes.measure_by_threshold
-- A provider's quarter is a unit where its estimate earns; persons are counted over all index days that were measured.
select
    c.contract_id,
    c.clause_id,
    t.scenario_code,
    t.period,
    sum(
        case
            when c.pays_per = 'person' then units_counted(c.counts, c.pays_when, t.n, t.numerator)
            when t.n < c.minimum_n or t.estimate is null then 0
            when c.pays_when = 'at_most' then (t.estimate <= c.threshold)::integer
            else (t.estimate >= c.threshold)::integer
        end
    )::decimal(18, 6) as quantity
from terms.clauses as c
inner join outcomes.measure_by_threshold as t
    on c.measure_id = t.measure_id and is_paid_by(c.pays_per, c.program_code, t.cut_code, t.cut_value, t.period)
where c.pays_per <> 'population'
group by c.contract_id, c.clause_id, t.scenario_code, t.period
order by c.contract_id, c.clause_id, t.scenario_code, t.period nulls first
