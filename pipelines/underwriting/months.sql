-- grain: a first day of a month that has the whole look-back before it and lies inside the data
-- inputs: work.events, terms.criteria
-- $observed_through_on: the last day that every agency of the criteria has reached
select month_on::date as month_on
from
    generate_series(
        (
            select
                date_trunc('month', min(e.started_on) + interval 1 month - interval 1 day)
                + to_months((select max(c.within_months) from terms.criteria as c))
            from work.events as e
            where e.kind in (select c.kind from terms.criteria as c)
        ),
        $observed_through_on::timestamp,
        interval 1 month
    ) as series(month_on)
