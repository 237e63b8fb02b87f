-- grain: the first release of a person to the community in a calendar year
-- inputs: shared.returns_after_release (of the measure's window), needs.observed_through
with
-- the macro reads the rows by their name, which the linter does not see
index_kinds as ( -- noqa: ST03
    select
        r.*,
        null::varchar as provider_id,
        null::varchar as program_code,
        r.cohort as period,
        o.observed_through_on
    from shared.returns_after_release as r
    cross join needs.observed_through as o
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
