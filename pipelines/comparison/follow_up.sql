-- grain: a candidate, followed until they died, were treated after all, or the data ends; the first return to jail
-- inputs: comparison.candidates, episodes.custody
-- What is a return is what the measure jail_return_after_placement counts: no ordered return to court, hold for another
-- agency, citation, or warrant for what was done before.
with
followed as (
    select
        person_id,
        index_on,
        is_treated,
        followed_days(
            index_on, died_on, treated_later_on, $observed_through_on, $within_days
        ) as followed_days
    from comparison.candidates
)

select
    f.person_id,
    f.index_on,
    f.is_treated,
    f.followed_days,
    min(c.started_on) - f.index_on as jail_return_days
from followed as f
left join episodes.custody as c
    on
        f.person_id = c.person_id
        and f.index_on < c.started_on
        and f.index_on + f.followed_days >= c.started_on
        and not c.is_court_return
        and not c.is_other_agency_hold
        and not c.is_cite_and_release
        and not coalesce(c.is_warrant and f.index_on >= c.latest_offense_on, false)
group by f.person_id, f.index_on, f.is_treated, f.followed_days
