-- grain: an absence of a member or tenant: touching stays in jail and in institutions, one after another, are one
-- inputs: episodes.custody, episodes.inpatient, episodes.tenancy_units, episodes.partnership_spans,
--         code_sets.inpatient_facility_classes
with
persons as (
    select person_id from episodes.tenancy_units
    union
    select person_id from episodes.partnership_spans
),

stays as (
    select episode_id, person_id, started_on as left_on, ended_on as back_on, true as is_jail, latest_offense_on
    from episodes.custody
    union all
    select episode_id, person_id, admitted_on, discharged_on, false, null
    from episodes.inpatient
    where
        facility_class_code in (
            select k.facility_class_code from code_sets.inpatient_facility_classes as k where k.is_institution
        )
),

reached as (
    select
        *,
        max(coalesce(back_on, date '9999-12-31')) over (
            partition by person_id order by left_on, episode_id
            rows between unbounded preceding and 1 preceding
        ) as reached_on
    from stays
    where person_id in (from persons)
),

numbered as (
    select
        *,
        count(*) filter (where reached_on is null or left_on > reached_on) over (
            partition by person_id order by left_on, episode_id
            rows between unbounded preceding and current row
        ) as absence_number
    from reached
)

select
    person_id,
    min(left_on) as left_on,
    case when bool_and(back_on is not null) then max(back_on) end as back_on,
    bool_or(is_jail) as is_jail,
    -- null where any booking tells no offence: then nobody knows that all were earlier
    case when count(*) filter (where is_jail and latest_offense_on is null) = 0 then max(latest_offense_on) end
        as latest_offense_on
from numbered
group by person_id, absence_number
order by person_id, left_on
