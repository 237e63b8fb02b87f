-- grain: a measure, a cut (all, program, provider) and a period: squared numerators for each unit of the numerator
-- inputs: county.person_measures, definitions.measures, definitions.cuts
with
cut as (
    select
        p.measure_id,
        c.cut_code,
        case c.cut_code when 'all' then 'all' when 'provider' then p.provider_id else p.program_code end as cut_value,
        case when c.is_by_period then p.period end as cut_period,
        p.numerator::decimal(19, 6) as numerator
    from county.person_measures as p
    inner join definitions.measures as d using (measure_id)
    inner join definitions.cuts as c using (measure_id)
    where
        c.cut_code in ('all', 'program', 'provider')
        and (p.status_code in ('met', 'not_met') or (p.status_code = 'censored' and d.kind = 'rate'))
),

summed as (
    select
        measure_id,
        cut_code,
        cut_value,
        cut_period,
        sum(numerator * numerator)::double as squares,
        sum(numerator)::double as units
    from cut
    where cut_value is not null
    group by measure_id, cut_code, cut_value, cut_period
)

select
    measure_id,
    cut_code,
    cut_value,
    cut_period as period,
    squares / units as square_per_unit
from summed
where units > 0
order by measure_id, cut_code, cut_value, cut_period nulls first
