-- grain: a first day of a month that has the whole look-back before it and lies inside the data
-- inputs: work.events, terms.criteria
-- $observed_through_on: the last day that every agency of the criteria has reached
with reach as (
    select min(e.started_on) as observed_from_on from work.events as e
    where e.kind in (select c.kind from terms.criteria as c)
),

look_back as (
    select max(within_months) as months from terms.criteria
)

select
    unnest(
        generate_series(
            date_trunc('month', r.observed_from_on + interval 1 month - interval 1 day) + to_months(l.months),
            $observed_through_on::timestamp,
            interval 1 month
        )
    )::date as month_on
from reach as r
cross join look_back as l
