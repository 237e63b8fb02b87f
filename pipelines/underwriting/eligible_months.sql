-- grain: person × month in which the person is eligible on its first day
-- inputs: work.events, work.months, terms.criteria, episodes.persons
-- $needed: how many criteria must hold
-- No look-ahead: an episode counts once it began before the month, and its end is asked for only where the end lies
-- before the look-back began. An episode counts over a run of months, so only the months in which a run begins or ends
-- are looked at, and summed up: a county has millions of episodes, and each counts for years.
with
counting as (
    select
        e.person_id,
        c.criterion,
        c.at_least,
        date_trunc('month', e.started_on) + interval 1 month as from_at,
        -- the day before the end is the last that a look-back may still see
        date_trunc('month', e.until_on - 1) + to_months(c.within_months::integer + 1) as to_at
    from work.events as e
    inner join terms.criteria as c on e.kind = c.kind
),

episode_changes as (
    select person_id, criterion, at_least, from_at as change_at, 1 as change
    from counting
    where to_at is null or to_at > from_at
    union all
    select person_id, criterion, at_least, to_at, -1
    from counting
    where to_at > from_at
),

episode_counts as (
    select
        person_id,
        criterion,
        change_at,
        sum(sum(change)) over (partition by person_id, criterion order by change_at) >= at_least as is_held
    from episode_changes
    group by person_id, criterion, at_least, change_at
),

criterion_changes as (
    select
        person_id,
        change_at,
        is_held::integer
        - coalesce(lag(is_held) over (partition by person_id, criterion order by change_at), false)::integer as change
    from episode_counts
),

criteria_held as (
    select
        person_id,
        change_at as from_at,
        sum(sum(change)) over (partition by person_id order by change_at) as held,
        lead(change_at) over (partition by person_id order by change_at) as to_at
    from criterion_changes
    where change <> 0
    group by person_id, change_at
),

looked_at as (
    select min(month_on) as first_on, max(month_on) as last_on from work.months
),

eligible as (
    select
        h.person_id,
        unnest(generate_series(
            greatest(h.from_at, l.first_on::timestamp),
            least(coalesce(h.to_at - interval 1 month, l.last_on::timestamp), l.last_on::timestamp),
            interval 1 month
        ))::date as month_on
    from criteria_held as h
    cross join looked_at as l
    where h.held >= $needed and l.first_on is not null
)

select h.month_on, h.person_id
from eligible as h
inner join episodes.persons as p using (person_id)
where p.died_on is null or p.died_on >= h.month_on
