-- grain: a measure, a status, a reason, a period, and the age group, sex, race and ethnicity and home area of persons
-- inputs: cuts.counted_rows, cuts.person_attributes, code_sets.age_groups
-- What is a text is grouped by a number and told afterwards: there are millions of rows.
with
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

summed as (
    select
        n.measure_number,
        n.period,
        g.age_group_code,
        coalesce(a.group_number, 0) as group_number,
        n.status_code,
        n.reason_code,
        n.is_counted,
        count(*) as person_rows,
        sum(n.numerator) as numerator,
        sum(n.person_time) as person_time,
        sum(n.rate_numerator * n.rate_numerator) as numerator_squared,
        sum(n.rate_numerator * n.rate_time) as cross_product,
        sum(n.rate_time * n.rate_time) as person_time_squared
    from cuts.counted_rows as n
    left join persons as a on n.person_id = a.person_id
    -- whole years on the index day: a birthday counts from its day on
    left join ages as g on date_sub('year', a.birth_on, n.index_on) = g.age
    group by all
)

select
    s.* exclude (age_group_code, group_number),
    coalesce(s.age_group_code, 'unknown') as age_group,
    a.sex,
    a.race_ethnicity,
    a.service_area
from summed as s
inner join attribute_groups as a using (group_number)
