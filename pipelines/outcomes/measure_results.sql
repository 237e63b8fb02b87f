-- grain: a measure, a cut of its population, and a period
-- inputs: outcomes.person_measures, definitions.measures, definitions.cuts
with
cells as (
    select
        p.measure_id,
        c.cut_code,
        case c.cut_code when 'all' then 'all' when 'provider' then p.provider_id else p.program_code end as cut_value,
        case when c.is_by_period then p.period end as period,
        p.status_code in ('met', 'not_met') or (p.status_code = 'censored' and d.kind = 'rate') as is_counted,
        p.status_code,
        p.numerator,
        p.person_time
    from outcomes.person_measures as p
    inner join definitions.measures as d using (measure_id)
    inner join definitions.cuts as c using (measure_id)
)

select
    measure_id,
    cut_code,
    cut_value,
    period,
    count(*) filter (where is_counted) as n,
    coalesce(sum(numerator) filter (where is_counted), 0) as numerator,
    -- a sum of decimals is the same in every order; a sum of doubles is not
    (sum(person_time::decimal(18, 6)) filter (where is_counted))::double as person_time,
    count(*) filter (where status_code = 'censored') as censored,
    count(*) filter (where status_code = 'immature') as immature,
    count(*) filter (where status_code = 'unknown') as unknown,
    count(*) filter (where status_code = 'excluded') as excluded
from cells
where cut_value is not null
group by measure_id, cut_code, cut_value, period
order by measure_id, cut_code, cut_value, period nulls first
