-- grain: a person, the provider that held the open partnership, and a quarter
-- inputs: episodes.partnership_spans, episodes.persons, episodes.custody, needs.observed_through
with
spans as (
    select * from member_spans('episodes.partnership_spans', 'needs.observed_through')
),

first_times as (
    select person_id, min(started_on) as first_on
    from episodes.custody
    group by person_id
),

returns as (
    select c.person_id, c.started_on
    from episodes.custody as c
    inner join first_times as f on c.person_id = f.person_id and c.started_on > f.first_on
    where not (c.is_technical or c.is_court_return or c.is_other_agency_hold or c.is_cite_and_release)
),

-- the macro reads the rows by their name, which the linter does not see
member_events as ( -- noqa: ST03
    select p.person_id, p.provider_id, p.period, count(*) as events
    from spans as p
    inner join returns as r on p.person_id = r.person_id and p.from_on <= r.started_on and p.to_on > r.started_on
    group by p.person_id, p.provider_id, p.period
),

away_days as ( -- noqa: ST03
    select person_id, provider_id, period, 0 as days
    from spans
    where false
)

select * from member_rates('spans', 'episodes.persons', 'member_events', 'away_days')
