-- grain: an episode of a member or tenant, and the part of it that one dated unit cost prices: [from_on, to_on)
-- inputs: episodes.custody, episodes.psychiatric_emergency, episodes.inpatient, episodes.partnership_spans,
--         episodes.tenancy_units, standard.data_through, code_sets.unit_costs
-- An open episode has no end and is priced up to the last day of the data of the agency that tells of it.
with
persons as (
    select person_id from episodes.partnership_spans
    union
    select person_id from episodes.tenancy_units
),

episodes_of_units as (
    -- any part of a calendar day in jail is a day
    select 'custody' as episode_kind, episode_id, person_id, 'jail_day' as unit_code,
        started_on as from_on, ended_on + 1 as to_on, 'sheriff' as agency
    from episodes.custody
    union all
    select 'psychiatric_emergency', episode_id, person_id, 'psychiatric_emergency_visit',
        started_on, started_on + 1, 'mental_health'
    from episodes.psychiatric_emergency
    union all
    select 'inpatient', episode_id, person_id, facility_class_code || '_day',
        admitted_on, case when discharged_on is not null then greatest(discharged_on, admitted_on + 1) end,
        'mental_health'
    from episodes.inpatient
),

priced as (
    select
        e.episode_kind,
        e.episode_id,
        e.person_id,
        e.unit_code,
        greatest(e.from_on, u.from_on::date) as from_on,
        least(coalesce(e.to_on, u.to_on::date), coalesce(u.to_on::date, e.to_on)) as to_on,
        d.data_through_on,
        u.usd_per_unit::decimal(18, 2) as usd_per_unit
    from episodes_of_units as e
    inner join code_sets.unit_costs as u
        on
            e.unit_code = u.unit_code
            and (e.to_on is null or u.from_on::date < e.to_on)
            and (u.to_on is null or u.to_on::date > e.from_on)
    left join standard.data_through as d on e.agency = d.agency
    where e.person_id in (from persons)
)

select
    episode_kind,
    episode_id,
    person_id,
    unit_code,
    from_on,
    to_on,
    greatest(coalesce(to_on, data_through_on + 1, from_on) - from_on, 0)::integer as units,
    usd_per_unit,
    (greatest(coalesce(to_on, data_through_on + 1, from_on) - from_on, 0) * usd_per_unit)::decimal(18, 2) as cost_usd
from priced
order by episode_kind, episode_id, unit_code, from_on
