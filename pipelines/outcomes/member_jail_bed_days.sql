-- grain: a person, the provider that held the open partnership, and a quarter
-- inputs: episodes.partnership_spans, episodes.persons, episodes.custody, needs.observed_through
with
spans as (
    select * from member_spans('episodes.partnership_spans', 'needs.observed_through')
),

-- the macro reads the rows by their name, which the linter does not see
member_events as ( -- noqa: ST03
    select
        p.person_id,
        p.provider_id,
        p.period,
        sum(least(coalesce(c.ended_on + 1, p.to_on), p.to_on) - greatest(c.started_on, p.from_on)) as events
    from spans as p
    inner join episodes.custody as c
        on
            p.person_id = c.person_id
            and p.to_on > c.started_on
            and (c.ended_on is null or p.from_on <= c.ended_on)
    group by p.person_id, p.provider_id, p.period
),

away_days as ( -- noqa: ST03
    select person_id, provider_id, period, 0 as days
    from spans
    where false
)

select * from member_rates('spans', 'episodes.persons', 'member_events', 'away_days')
