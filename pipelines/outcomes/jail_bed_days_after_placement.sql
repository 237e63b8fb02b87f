-- grain: the first placement of a person in a programme
-- inputs: episodes.placements, episodes.persons, episodes.custody, needs.observed_through
with
indexed as (
    select
        p.person_id,
        p.provider_id,
        p.program_code,
        p.placed_on as index_on,
        (p.placed_on + to_months($months::integer))::date - 1 as window_end_on,
        w.is_linkable,
        w.died_on,
        o.observed_through_on
    from episodes.placements as p
    inner join episodes.persons as w using (person_id)
    cross join needs.observed_through as o
),

days as (
    select
        i.person_id,
        i.program_code,
        -- any part of a calendar day is a day; custody episodes of a person never share one
        sum(
            least(coalesce(c.ended_on, i.observed_through_on), i.window_end_on)
            - greatest(c.started_on, i.index_on) + 1
        ) as bed_days
    from indexed as i
    inner join episodes.custody as c
        on
            i.person_id = c.person_id
            and i.window_end_on >= c.started_on
            and coalesce(c.ended_on, i.observed_through_on) >= greatest(c.started_on, i.index_on)
    group by i.person_id, i.program_code
),

timed as (
    select
        i.*,
        coalesce(d.bed_days, 0) as bed_days,
        coalesce(i.died_on <= i.window_end_on, false) as is_censored,
        greatest(least(i.window_end_on, coalesce(i.died_on, i.window_end_on)) - i.index_on + 1, 0) as days_at_risk
    from indexed as i
    left join days as d using (person_id, program_code)
)

select
    person_id,
    provider_id,
    program_code,
    null::varchar as period,
    index_on,
    window_end_on,
    rate_status(is_linkable, window_end_on <= observed_through_on, is_censored, bed_days > 0) as status_code,
    bed_days::double as numerator,
    round(days_at_risk / 365.25, 6) as person_time,
    flag_list([
        case when is_censored then 'died_in_window' end,
        case when not is_linkable then 'unlinkable' end
    ]) as flags
from timed
