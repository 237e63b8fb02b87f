-- grain: a candidate; what they used after the index day, per person-year; null for who was followed too shortly
-- inputs: comparison.candidates, comparison.uses
with
followed as (
    select
        person_id,
        index_on,
        is_treated,
        followed_days(
            index_on, died_on, treated_later_on, $observed_through_on, $window_days
        ) as followed_days
    from comparison.candidates
),

counted as (
    select
        f.person_id,
        f.index_on,
        f.is_treated,
        sum(
            least(coalesce(u.until_on, f.index_on + f.followed_days + 1), f.index_on + f.followed_days + 1)
            - greatest(u.from_on, f.index_on + 1)
        ) as days,
        count(*) filter (where u.from_on > f.index_on) as beginnings
    from followed as f
    inner join comparison.uses as u
        on
            f.person_id = u.person_id
            and u.use_code = $use_code
            and f.index_on + f.followed_days >= u.from_on
            and f.index_on + 1 < coalesce(u.until_on, 'infinity'::date)
    group by f.person_id, f.index_on, f.is_treated
)

select
    f.person_id,
    f.index_on,
    f.is_treated,
    case
        when f.followed_days >= $at_least_days::integer
            then coalesce(case when $counts_days then c.days else c.beginnings end, 0) * 365.0 / f.followed_days
    end::double as outcome_value
from followed as f
left join counted as c using (person_id, index_on, is_treated)
