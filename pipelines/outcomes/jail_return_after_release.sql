-- grain: the first release of a person to the community in a calendar year
-- inputs: episodes.custody, episodes.persons, needs.observed_through
with
-- the macro reads the rows by their name, which the linter does not see
index_days as ( -- noqa: ST03
    select
        c.person_id,
        null::varchar as provider_id,
        null::varchar as program_code,
        year(c.ended_on)::varchar as period,
        year(c.ended_on)::varchar as cohort,
        min(c.ended_on) as index_on,
        any_value(w.is_linkable) as is_linkable,
        any_value(w.died_on) as died_on,
        any_value(o.observed_through_on) as observed_through_on
    from episodes.custody as c
    inner join episodes.persons as w using (person_id)
    cross join needs.observed_through as o
    where c.is_community_release and c.ended_on is not null
    group by c.person_id, year(c.ended_on)
)

select *
from jail_returns(
    'index_days',
    'episodes.custody',
    $months,
    $counts_technical,
    $counts_court_returns,
    $counts_other_agency_holds,
    $counts_old_warrants,
    $counts_cite_and_release,
    $counted_as
)
