-- grain: an index day of a person, with covariates as of it, and why it is left out (null: it is a candidate)
-- inputs: comparison.index_days, comparison.prior_use, comparison.uses, comparison.attributes, episodes.persons,
--         code_sets.age_groups
with
detained as (
    select distinct i.person_id, i.index_on, i.is_treated
    from comparison.index_days as i
    inner join comparison.uses as u
        on
            i.person_id = u.person_id
            and u.use_code = 'jail'
            and i.index_on > u.from_on
            -- released on the day itself is at liberty
            and i.index_on + 1 < coalesce(u.until_on, 'infinity'::date)
),

known as (
    select
        i.person_id,
        i.index_on,
        i.is_treated,
        i.treated_later_on,
        i.index_half_year,
        w.died_on,
        a.sex_code,
        a.race_ethnicity_code,
        date_diff('year', a.birth_on, i.index_on)
        - (strftime(i.index_on, '%m%d') < strftime(a.birth_on, '%m%d'))::integer as age_years,
        coalesce(p.prior_jail_days, 0) as prior_jail_days,
        coalesce(p.prior_bookings, 0) as prior_bookings,
        coalesce(p.prior_psychiatric_emergency_visits, 0) as prior_psychiatric_emergency_visits,
        coalesce(p.prior_inpatient_days, 0) as prior_inpatient_days,
        coalesce(p.prior_homelessness_spells, 0) as prior_homelessness_spells,
        coalesce(p.days_since_custody, 365) as days_since_custody,
        (p.days_since_custody is null)::integer as days_since_custody_unknown,
        w.is_linkable,
        d.person_id is not null as is_detained
    from comparison.index_days as i
    inner join episodes.persons as w using (person_id)
    left join comparison.attributes as a using (person_id)
    left join comparison.prior_use as p using (person_id, index_on, is_treated)
    left join detained as d using (person_id, index_on, is_treated)
)

select
    k.* exclude (is_linkable, is_detained),
    coalesce(g.age_group_code, 'unknown') as age_group_code,
    case
        when not k.is_linkable then 'unlinkable'
        when k.age_years is null then 'age_unknown'
        when k.died_on <= k.index_on then 'died_before'
        when k.index_on < $first_index_on then 'before_the_history'
        when k.index_on > $last_index_on then 'immature'
        when
            k.prior_jail_days < $prior_jail_days
            or k.prior_bookings < $prior_bookings
            or k.prior_psychiatric_emergency_visits < $prior_psychiatric_emergency_visits
            or k.prior_inpatient_days < $prior_inpatient_days
            or k.prior_homelessness_spells < $prior_homelessness_spells
            then 'too_little_prior_use'
        when $is_at_liberty and k.is_detained then 'in_custody'
    end as left_out_reason
from known as k
left join code_sets.age_groups as g on k.age_years between g.age_from::integer and g.age_to::integer
