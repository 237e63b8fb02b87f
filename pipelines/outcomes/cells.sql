-- grain: a measure, a status, a reason, and everything that results are cut by
-- inputs: outcomes.person_measures, definitions.measures, definitions.exclusions, cuts.person_attributes,
--         code_sets.age_groups, standard.providers
-- Rows are summed once, over all attributes together; every cut is then a sum of these few cells. What is a long text
-- is grouped by its number and told afterwards: there are millions of rows.
-- Sums are of decimals: they are the same in every order, and those of doubles are not.
with
reasons as (
    select measure_id, flags, min_by(reason_code, reason_rank) as reason_code
    from (
        select distinct p.measure_id, p.flags, e.reason_code, e.reason_rank
        from outcomes.person_measures as p
        inner join definitions.exclusions as e
            on p.measure_id = e.measure_id and list_contains(string_split(p.flags, ','), e.reason_code)
        where p.status_code = 'excluded'
    ) as told
    group by measure_id, flags
),

measures as (
    select measure_id, kind, row_number() over (order by measure_id) as measure_number
    from definitions.measures
),

-- group number 0: nobody knows the person
attribute_groups as (
    select
        sex,
        race_ethnicity,
        service_area,
        row_number() over (order by sex, race_ethnicity, service_area) as group_number
    from (select distinct sex, race_ethnicity, service_area from cuts.person_attributes) as told
    union all
    select 'unknown', 'unknown', 'unknown', 0
),

persons as (
    select a.person_id, a.birth_on, g.group_number
    from cuts.person_attributes as a
    inner join attribute_groups as g
        on
            a.sex = g.sex
            and a.race_ethnicity = g.race_ethnicity
            and a.service_area = g.service_area
            and g.group_number > 0
),

ages as (
    select a.age, g.age_group_code
    from (select unnest(range(150)) as age) as a
    inner join code_sets.age_groups as g on a.age between g.age_from::integer and g.age_to::integer
),

numbered as (
    select
        d.measure_number,
        p.period,
        p.program_code,
        p.provider_id,
        date_trunc('quarter', p.index_on) as quarter_on,
        -- whole years on the index day: a birthday counts from its day on
        date_sub('year', a.birth_on, p.index_on) as age,
        coalesce(a.group_number, 0) as group_number,
        p.status_code,
        case when p.status_code = 'excluded' then coalesce(r.reason_code, 'unstated') end as reason_code,
        p.status_code in ('met', 'not_met') or (p.status_code = 'censored' and d.kind = 'rate') as is_counted,
        p.numerator::decimal(19, 6) as numerator,
        p.person_time::decimal(19, 6) as person_time,
        -- only a rate's interval asks for squares
        case when d.kind = 'rate' then p.numerator::decimal(19, 6) end as rate_numerator
    from outcomes.person_measures as p
    inner join measures as d on p.measure_id = d.measure_id
    left join persons as a on p.person_id = a.person_id
    left join reasons as r on p.status_code = 'excluded' and p.measure_id = r.measure_id and p.flags = r.flags
),

summed as (
    select
        n.measure_number,
        n.period,
        n.program_code,
        n.provider_id,
        n.quarter_on,
        g.age_group_code,
        n.group_number,
        n.status_code,
        n.reason_code,
        n.is_counted,
        count(*) as person_rows,
        sum(n.numerator) as numerator,
        sum(n.person_time) as person_time,
        sum(n.rate_numerator * n.rate_numerator) as numerator_squared,
        sum(n.rate_numerator * n.person_time) as cross_product,
        sum(case when n.rate_numerator is not null then n.person_time * n.person_time end) as person_time_squared
    from numbered as n
    left join ages as g on n.age = g.age
    group by all
)

select
    d.measure_id,
    c.period,
    c.program_code,
    c.provider_id,
    quarter_code(c.quarter_on) as quarter,
    coalesce(c.age_group_code, 'unknown') as age_group,
    a.sex,
    a.race_ethnicity,
    a.service_area,
    s.service_area_code as provider_service_area,
    c.status_code,
    c.reason_code,
    c.is_counted,
    c.person_rows,
    c.numerator,
    c.person_time,
    c.numerator_squared,
    c.cross_product,
    c.person_time_squared
from summed as c
inner join measures as d using (measure_number)
inner join attribute_groups as a using (group_number)
left join standard.providers as s using (provider_id)
