-- grain: a measure, a status, a reason, and everything that results are cut by
-- inputs: outcomes.person_measures, definitions.measures, definitions.exclusions, cuts.person_attributes,
--         code_sets.age_groups, standard.providers
-- Rows are summed once, over all attributes together; every cut is then a sum of these few cells.
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

aged as (
    select
        p.* replace (p.numerator::decimal(19, 6) as numerator, p.person_time::decimal(19, 6) as person_time),
        a.sex,
        a.race_ethnicity,
        a.service_area,
        -- whole years on the index day: a birthday counts from its day on
        date_sub('year', a.birth_on, p.index_on) as age
    from outcomes.person_measures as p
    left join cuts.person_attributes as a using (person_id)
)

select
    p.measure_id,
    p.period,
    p.program_code,
    p.provider_id,
    quarter_code(p.index_on) as quarter,
    coalesce(g.age_group_code, 'unknown') as age_group,
    coalesce(p.sex, 'unknown') as sex,
    coalesce(p.race_ethnicity, 'unknown') as race_ethnicity,
    coalesce(p.service_area, 'unknown') as service_area,
    s.service_area_code as provider_service_area,
    p.status_code,
    case when p.status_code = 'excluded' then coalesce(r.reason_code, 'unstated') end as reason_code,
    p.status_code in ('met', 'not_met') or (p.status_code = 'censored' and d.kind = 'rate') as is_counted,
    count(*) as person_rows,
    sum(p.numerator) as numerator,
    sum(p.person_time) as person_time,
    sum(p.numerator * p.numerator) as numerator_squared,
    sum(p.numerator * p.person_time) as cross_product,
    sum(p.person_time * p.person_time) as person_time_squared
from aged as p
inner join definitions.measures as d using (measure_id)
left join code_sets.age_groups as g on p.age between g.age_from::integer and g.age_to::integer
left join standard.providers as s using (provider_id)
left join reasons as r on p.status_code = 'excluded' and p.measure_id = r.measure_id and p.flags = r.flags
group by all
