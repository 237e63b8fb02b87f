-- grain: a day on which a person is looked at: the treated on the day they were treated, everybody who used anything
--        and was not yet treated on one day of each half-year, drawn from the days on which people were treated then
-- inputs: comparison.treated, comparison.uses
-- The draw depends on the person, the half-year's days and the seed alone: other untreated people do not change it.
with
treated_days as (
    select
        treated_on as index_on,
        year(treated_on)::varchar || 'H' || (case when month(treated_on) <= 6 then 1 else 2 end)::varchar
            as index_half_year
    from comparison.treated
    where treated_on >= $first_index_on and treated_on <= $last_index_on
),

half_years as (
    select
        index_half_year,
        list(index_on order by index_on) as days
    from treated_days
    group by index_half_year
),

drawn as (
    select
        u.person_id,
        h.index_half_year,
        h.days[
            1 + (
                md5_number_lower($seed::varchar || '|' || u.person_id::varchar || '|' || h.index_half_year)
                % len(h.days)
            )::bigint
        ] as index_on
    from (select distinct used.person_id from comparison.uses as used) as u
    cross join half_years as h
)

select
    person_id,
    treated_on as index_on,
    true as is_treated,
    null::date as treated_later_on,
    year(treated_on)::varchar || 'H' || (case when month(treated_on) <= 6 then 1 else 2 end)::varchar
        as index_half_year
from comparison.treated

union all

select
    d.person_id,
    d.index_on,
    false as is_treated,
    t.treated_on as treated_later_on,
    d.index_half_year
from drawn as d
left join comparison.treated as t using (person_id)
where t.treated_on is null or t.treated_on > d.index_on
