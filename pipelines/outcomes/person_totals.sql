-- grain: a cell whose interval resamples persons, and one pair of person totals in it, with how many persons have it
-- inputs: outcomes.person_measures, definitions.measures, definitions.cuts
with
persons as (
    select
        p.measure_id,
        c.cut_code,
        case c.cut_code when 'all' then 'all' when 'provider' then p.provider_id else p.program_code end as cut_value,
        case when c.is_by_period then p.period end as period,
        sum(p.numerator) as numerator,
        -- a sum of decimals is the same in every order; a sum of doubles is not
        sum(p.person_time::decimal(18, 6))::double as person_time
    from outcomes.person_measures as p
    inner join definitions.measures as d using (measure_id)
    inner join definitions.cuts as c using (measure_id)
    where
        c.interval_method = 'person_bootstrap'
        and (p.status_code in ('met', 'not_met') or (p.status_code = 'censored' and d.kind = 'rate'))
    group by p.measure_id, c.cut_code, cut_value, case when c.is_by_period then p.period end, p.person_id
)

select measure_id, cut_code, cut_value, period, numerator, person_time, count(*) as persons
from persons
where cut_value is not null
group by all
order by measure_id, cut_code, cut_value, period nulls first, numerator, person_time
