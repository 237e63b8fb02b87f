-- grain: a measure, a cut of its population, and a period
-- inputs: cuts.cells_by_place, cuts.cells_by_person, definitions.measures, definitions.cuts, standard.providers
with
cut as (
    select
        c.measure_id,
        c.cut_code,
        case c.cut_code
            when 'all' then 'all'
            when 'provider' then p.provider_id
            when 'program' then p.program_code
            when 'quarter' then quarter_code(p.quarter_on)
            when 'provider_service_area' then s.service_area_code
        end as cut_value,
        case when c.is_by_period then p.period end as period,
        p.* exclude (measure_number, period, program_code, provider_id, quarter_on)
    from cuts.cells_by_place as p
    inner join definitions.measures as d using (measure_number)
    inner join definitions.cuts as c
        on
            d.measure_id = c.measure_id
            and c.cut_code in ('all', 'provider', 'program', 'quarter', 'provider_service_area')
    left join standard.providers as s using (provider_id)
    union all by name
    select
        c.measure_id,
        c.cut_code,
        case c.cut_code
            when 'age_group' then p.age_group
            when 'sex' then p.sex
            when 'race_ethnicity' then p.race_ethnicity
            when 'service_area' then p.service_area
        end as cut_value,
        case when c.is_by_period then p.period end as period,
        p.* exclude (measure_number, period, age_group, sex, race_ethnicity, service_area)
    from cuts.cells_by_person as p
    inner join definitions.measures as d using (measure_number)
    inner join definitions.cuts as c
        on
            d.measure_id = c.measure_id
            and c.cut_code in ('age_group', 'sex', 'race_ethnicity', 'service_area')
),

reasons as (
    select
        measure_id,
        cut_code,
        cut_value,
        period,
        string_agg(reason_code || '=' || person_rows, ',' order by reason_code) as excluded_by_reason
    from (
        select measure_id, cut_code, cut_value, period, reason_code, sum(person_rows)::varchar as person_rows
        from cut
        where reason_code is not null
        group by all
    ) as counted
    group by measure_id, cut_code, cut_value, period
),

summed as (
    select
        measure_id,
        cut_code,
        cut_value,
        period,
        coalesce(sum(person_rows) filter (where is_counted), 0)::bigint as n,
        coalesce(sum(numerator) filter (where is_counted), 0)::double as numerator,
        (sum(person_time) filter (where is_counted))::double as person_time,
        (sum(numerator_squared) filter (where is_counted))::double as numerator_squared,
        (sum(cross_product) filter (where is_counted))::double as cross_product,
        (sum(person_time_squared) filter (where is_counted))::double as person_time_squared,
        coalesce(sum(person_rows) filter (where status_code = 'censored'), 0)::bigint as censored,
        coalesce(sum(person_rows) filter (where status_code = 'immature'), 0)::bigint as immature,
        coalesce(sum(person_rows) filter (where status_code = 'unknown'), 0)::bigint as unknown,
        coalesce(sum(person_rows) filter (where status_code = 'excluded'), 0)::bigint as excluded
    from cut
    where cut_value is not null
    group by measure_id, cut_code, cut_value, period
)

select
    s.*,
    coalesce(r.excluded_by_reason, '') as excluded_by_reason
from summed as s
left join reasons as r
    on
        s.measure_id = r.measure_id
        and s.cut_code = r.cut_code
        and s.cut_value = r.cut_value
        and s.period is not distinct from r.period
order by s.measure_id, s.cut_code, s.cut_value, s.period nulls first
