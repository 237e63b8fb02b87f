-- grain: the first placement of a person in a programme
-- inputs: episodes.placements, episodes.persons, episodes.custody, needs.observed_through
with
-- the macro reads the rows by their name, which the linter does not see
index_days as ( -- noqa: ST03
    select
        p.person_id,
        p.provider_id,
        p.program_code,
        null::varchar as period,
        p.program_code as cohort,
        p.placed_on as index_on,
        w.is_linkable,
        w.died_on,
        o.observed_through_on
    from episodes.placements as p
    inner join episodes.persons as w using (person_id)
    cross join needs.observed_through as o
),

index_kinds as ( -- noqa: ST03
    select * from return_kinds('index_days', 'episodes.custody', $months)
)

select *
from jail_returns(
    'index_kinds',
    $counts_technical,
    $counts_court_returns,
    $counts_other_agency_holds,
    $counts_old_warrants,
    $counts_cite_and_release,
    $counted_as
)
