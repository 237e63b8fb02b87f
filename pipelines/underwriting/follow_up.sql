-- grain: eligible person × kind of episode × length of window
-- inputs: work.eligible_persons, work.events, terms.windows, terms.followed_kinds
-- $observed_through_on: the last day that every agency of the kinds has reached
-- before_units, after_units: days (visits) inside the window before and from the index day; before_starts,
-- after_starts: episodes that began in them. What is before the index day is null where the records do not reach back
-- so far. is_untreated: not treated before the window ended. Only persons who lived through the window, whose window
-- lies inside the data and who can be linked.
with reach as (
    select min(e.started_on) as observed_from_on from work.events as e
    where e.kind in (select k.kind from terms.followed_kinds as k)
),

windows as (
    select
        p.person_id,
        p.index_on,
        k.kind,
        w.months,
        (p.index_on - to_months(w.months))::date as before_on,
        (p.index_on + to_months(w.months))::date as after_on,
        p.index_on - to_months(w.months) >= r.observed_from_on as has_before,
        p.treated_on is null or p.treated_on >= p.index_on + to_months(w.months) as is_untreated
    from work.eligible_persons as p
    cross join terms.windows as w
    cross join terms.followed_kinds as k
    cross join reach as r
    where
        p.is_linkable
        and p.index_on + to_months(w.months) <= $observed_through_on::date + 1
        and (p.died_on is null or p.died_on >= p.index_on + to_months(w.months))
),

touched as (
    select
        w.*,
        e.started_on,
        greatest(least(coalesce(e.until_on, w.index_on), w.index_on) - greatest(e.started_on, w.before_on), 0)
        as units_before,
        greatest(least(coalesce(e.until_on, w.after_on), w.after_on) - greatest(e.started_on, w.index_on), 0)
        as units_after
    from windows as w
    inner join work.events as e
        on
            w.person_id = e.person_id
            and w.kind = e.kind
            and w.before_on < coalesce(e.until_on, w.after_on)
            and w.after_on > e.started_on
),

summed as (
    select
        person_id,
        kind,
        months,
        sum(units_before) as before_units,
        sum(units_after) as after_units,
        count_if(started_on between before_on and index_on - 1) as before_starts,
        count_if(started_on between index_on and after_on - 1) as after_starts
    from touched
    group by person_id, kind, months
)

select
    w.person_id,
    w.kind,
    w.months,
    w.is_untreated,
    case when w.has_before then coalesce(s.before_units, 0) end::bigint as before_units,
    case when w.has_before then coalesce(s.before_starts, 0) end::bigint as before_starts,
    coalesce(s.after_units, 0)::bigint as after_units,
    coalesce(s.after_starts, 0)::bigint as after_starts
from windows as w
left join summed as s using (person_id, kind, months)
