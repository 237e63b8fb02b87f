-- grain: a person, the provider that held the open partnership, and a quarter
-- inputs: episodes.partnership_spans, episodes.persons, episodes.inpatient, needs.observed_through
with
spans as (
    select * from member_spans('episodes.partnership_spans', 'needs.observed_through')
),

stays as (
    select
        person_id,
        admitted_on,
        -- midnight census; who came and went on one day was there for one day
        case when discharged_on is not null then greatest(discharged_on, admitted_on + 1) end as discharged_on
    from episodes.inpatient
    where list_contains($facility_classes::varchar[], facility_class_code)
),

-- the macro reads the rows by their name, which the linter does not see
member_events as ( -- noqa: ST03
    select
        p.person_id,
        p.provider_id,
        p.period,
        sum(least(coalesce(s.discharged_on, p.to_on), p.to_on) - greatest(s.admitted_on, p.from_on)) as events
    from spans as p
    inner join stays as s
        on
            p.person_id = s.person_id
            and p.to_on > s.admitted_on
            and (s.discharged_on is null or p.from_on < s.discharged_on)
    group by p.person_id, p.provider_id, p.period
),

away_days as ( -- noqa: ST03
    select person_id, provider_id, period, 0 as days
    from spans
    where false
)

select * from member_rates('spans', 'episodes.persons', 'member_events', 'away_days')
