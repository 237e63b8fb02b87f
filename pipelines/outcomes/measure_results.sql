-- grain: a measure, a cut of its population, and a period
-- inputs: cuts.cells, definitions.cuts
with
cut as (
    select
        p.* exclude (period, quarter, program_code, provider_id),
        c.cut_code,
        case c.cut_code
            when 'all' then 'all'
            when 'provider' then p.provider_id
            when 'program' then p.program_code
            when 'quarter' then p.quarter
            when 'age_group' then p.age_group
            when 'sex' then p.sex
            when 'race_ethnicity' then p.race_ethnicity
            when 'service_area' then p.service_area
            when 'provider_service_area' then p.provider_service_area
        end as cut_value,
        case when c.is_by_period then p.period end as period
    from cuts.cells as p
    inner join definitions.cuts as c using (measure_id)
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
