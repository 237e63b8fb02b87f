-- grain: a person, the provider that held the open partnership, and a quarter
-- inputs: episodes.partnership_spans, episodes.persons, episodes.psychiatric_emergency, shared.absences,
--         needs.observed_through
with
spans as (
    select * from member_spans('episodes.partnership_spans', 'needs.observed_through')
),

-- the macro reads the rows by their name, which the linter does not see
member_events as ( -- noqa: ST03
    select p.person_id, p.provider_id, p.period, count(*) as events
    from spans as p
    inner join episodes.psychiatric_emergency as v
        on p.person_id = v.person_id and p.from_on <= v.started_on and p.to_on > v.started_on
    group by p.person_id, p.provider_id, p.period
),

-- who is in jail or in a hospital cannot come to an emergency room; only one of the variants takes these days out
away_days as ( -- noqa: ST03
    select
        p.person_id,
        p.provider_id,
        p.period,
        sum(least(coalesce(a.back_on, p.to_on), p.to_on) - greatest(a.left_on, p.from_on)) as days
    from spans as p
    inner join shared.absences as a
        on
            p.person_id = a.person_id
            and p.to_on > a.left_on
            and (a.back_on is null or p.from_on < a.back_on)
    where not $counts_institutional_days::boolean
    group by p.person_id, p.provider_id, p.period
)

select * from member_rates('spans', 'episodes.persons', 'member_events', 'away_days')
