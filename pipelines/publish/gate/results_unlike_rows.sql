-- grain: one row; how many results of all, over the whole time, are not the count and sum of their person rows
-- inputs: outcomes.measure_results, outcomes.person_measures, outcomes.measure_definitions
-- Sums are of decimals, as they are where results are made: those of doubles depend on their order.
with
counted as (
    select
        p.measure_id,
        count(*) as n,
        sum(p.numerator::decimal(19, 6))::double as numerator
    from outcomes.person_measures as p
    inner join outcomes.measure_definitions as d on p.measure_id = d.measure_id
    where p.status_code in ('met', 'not_met') or (p.status_code = 'censored' and d.kind = 'rate')
    group by p.measure_id
)

select count(*) as faults
from outcomes.measure_results as r
left join counted as c on r.measure_id = c.measure_id
where
    r.cut_code = 'all'
    and r.period is null
    and (r.n <> coalesce(c.n, 0) or abs(r.numerator - coalesce(c.numerator, 0)) > 1e-6)
