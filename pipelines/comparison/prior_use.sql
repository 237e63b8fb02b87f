-- grain: an index day of a person who used anything in the 365 days before it
-- inputs: comparison.index_days, comparison.uses
-- No look-ahead: only spells that began before the index day, and of them only what lies before it.
with
before_index as (
    select
        i.person_id,
        i.index_on,
        i.is_treated,
        u.use_code,
        u.from_on,
        greatest(u.from_on, i.index_on - 365) as counted_from_on,
        least(coalesce(u.until_on, i.index_on), i.index_on) as counted_until_on
    from comparison.index_days as i
    inner join comparison.uses as u
        on
            i.person_id = u.person_id
            and i.index_on > u.from_on
            and i.index_on - 365 < coalesce(u.until_on, i.index_on)
)

select
    person_id,
    index_on,
    is_treated,
    coalesce(sum(counted_until_on - counted_from_on) filter (where use_code = 'jail'), 0)::bigint as prior_jail_days,
    count(*) filter (where use_code = 'jail' and from_on >= index_on - 365) as prior_bookings,
    count(*) filter (where use_code = 'psychiatric_emergency') as prior_psychiatric_emergency_visits,
    coalesce(sum(counted_until_on - counted_from_on) filter (where use_code = 'inpatient'), 0)::bigint
        as prior_inpatient_days,
    count(*) filter (where use_code = 'homelessness') as prior_homelessness_spells,
    min(index_on - counted_until_on) filter (where use_code = 'jail') as days_since_custody
from before_index
group by person_id, index_on, is_treated
