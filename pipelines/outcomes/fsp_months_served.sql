-- grain: a person, the provider that held the open partnership, and a quarter
-- inputs: episodes.partnership_spans, episodes.persons, shared.member_services, needs.observed_through
with
spans as (
    select * from member_spans('episodes.partnership_spans', 'needs.observed_through')
),

-- the macro reads the rows by their name, which the linter does not see
member_events as ( -- noqa: ST03
    select p.person_id, p.provider_id, p.period, count(distinct date_trunc('month', s.served_on)) as events
    from spans as p
    inner join shared.member_services as s
        on p.person_id = s.person_id and p.from_on <= s.served_on and p.to_on > s.served_on
    group by p.person_id, p.provider_id, p.period
),

away_days as ( -- noqa: ST03
    select person_id, provider_id, period, 0 as days
    from spans
    where false
)

select
    * replace (
        outcome_status(
            true, false, window_end_on <= (select o.observed_through_on from needs.observed_through as o), numerator > 0
        ) as status_code,
        null::double as person_time
    )
from member_rates('spans', 'episodes.persons', 'member_events', 'away_days')
