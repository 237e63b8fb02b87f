-- grain: a world, a measure, a cut (all, program, provider) and a period: by how much its sums differ from the county's
-- inputs: outcomes.person_measures (of the worlds), worlds.persons, county.person_measures, worlds.gone,
--         definitions.measures, definitions.cuts
-- Sums are of decimals: they are the same in every order, and those of doubles are not.
with
-- persons who come and go in the same worlds are summed together, before there is a row for each world
coming as (
    select person_id, list(world order by world) as worlds
    from worlds.persons
    group by person_id
),

going as (
    select person_id, list(world order by world) as worlds
    from worlds.gone
    group by person_id
),

known_worlds as (
    select worlds, row_number() over () as worlds_number
    from (
        select worlds from coming
        union
        select worlds from going
    ) as told
),

changes as (
    select
        k.worlds_number,
        1 as sign,
        p.measure_id, p.program_code, p.provider_id, p.period, p.status_code, p.numerator, p.person_time
    from outcomes.person_measures as p
    inner join coming as w using (person_id)
    inner join known_worlds as k using (worlds)
    union all
    select
        k.worlds_number,
        -1 as sign,
        p.measure_id, p.program_code, p.provider_id, p.period, p.status_code, p.numerator, p.person_time
    from county.person_measures as p
    inner join going as w using (person_id)
    inner join known_worlds as k using (worlds)
),

by_place as (
    select
        c.worlds_number,
        c.measure_id,
        c.program_code,
        c.provider_id,
        c.period,
        sum(c.sign) as n,
        sum(c.sign * c.numerator::decimal(19, 6)) as numerator,
        coalesce(sum(c.sign * c.person_time::decimal(19, 6)), 0) as person_time
    from changes as c
    inner join definitions.measures as d using (measure_id)
    where c.status_code in ('met', 'not_met') or (c.status_code = 'censored' and d.kind = 'rate')
    group by c.worlds_number, c.measure_id, c.program_code, c.provider_id, c.period
),

cut as (
    select
        p.worlds_number,
        p.measure_id,
        c.cut_code,
        case c.cut_code when 'all' then 'all' when 'provider' then p.provider_id else p.program_code end as cut_value,
        case when c.is_by_period then p.period end as period,
        sum(p.n) as n,
        sum(p.numerator) as numerator,
        sum(p.person_time) as person_time
    from by_place as p
    inner join definitions.cuts as c using (measure_id)
    where c.cut_code in ('all', 'program', 'provider')
    group by all
    having cut_value is not null
),

in_worlds as (
    select worlds_number, unnest(worlds) as world
    from known_worlds
)

select
    w.world,
    p.measure_id,
    p.cut_code,
    p.cut_value,
    p.period,
    sum(p.n)::double as n,
    sum(p.numerator)::double as numerator,
    sum(p.person_time)::double as person_time
from cut as p
inner join in_worlds as w using (worlds_number)
group by all
having n <> 0 or numerator <> 0 or person_time <> 0
order by w.world, p.measure_id, p.cut_code, p.cut_value, p.period nulls first
