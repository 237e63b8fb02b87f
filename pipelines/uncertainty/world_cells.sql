-- grain: a world, a measure, a cut (all, program, provider) and a period: by how much its sums differ from the county's
-- inputs: outcomes.person_measures (of the worlds), worlds.persons, county.person_measures, worlds.gone,
--         definitions.measures, definitions.cuts
-- Sums are of decimals: they are the same in every order, and those of doubles are not.
with
changes as (
    select
        w.world,
        1 as sign,
        p.*
    from outcomes.person_measures as p
    inner join worlds.persons as w using (person_id)
    union all by name
    select
        g.world,
        -1 as sign,
        p.*
    from county.person_measures as p
    inner join worlds.gone as g using (person_id)
),

counted as (
    select c.*
    from changes as c
    inner join definitions.measures as d using (measure_id)
    where c.status_code in ('met', 'not_met') or (c.status_code = 'censored' and d.kind = 'rate')
),

cut as (
    select
        p.world,
        p.measure_id,
        c.cut_code,
        case c.cut_code when 'all' then 'all' when 'provider' then p.provider_id else p.program_code end as cut_value,
        case when c.is_by_period then p.period end as period,
        p.sign,
        p.numerator,
        p.person_time
    from counted as p
    inner join definitions.cuts as c using (measure_id)
    where c.cut_code in ('all', 'program', 'provider')
)

select
    world,
    measure_id,
    cut_code,
    cut_value,
    period,
    sum(sign)::double as n,
    sum(sign * numerator::decimal(19, 6))::double as numerator,
    coalesce(sum(sign * person_time::decimal(19, 6)), 0)::double as person_time
from cut
where cut_value is not null
group by all
having n <> 0 or numerator <> 0 or person_time <> 0
order by world, measure_id, cut_code, cut_value, period nulls first
