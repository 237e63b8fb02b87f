-- grain: the first release of a person to the community in a calendar year, with the kinds of return in its window
-- inputs: episodes.custody, episodes.persons
-- Made once for all variants of one window, which differ by what they count alone.
with
-- the macro reads the rows by their name, which the linter does not see
index_days as ( -- noqa: ST03
    select
        c.person_id,
        year(c.ended_on)::varchar as cohort,
        min(c.ended_on) as index_on,
        any_value(w.is_linkable) as is_linkable,
        any_value(w.died_on) as died_on
    from episodes.custody as c
    inner join episodes.persons as w using (person_id)
    where c.is_community_release and c.ended_on is not null
    group by c.person_id, year(c.ended_on)
)

select * from return_kinds('index_days', 'episodes.custody', $months) order by person_id, index_on
