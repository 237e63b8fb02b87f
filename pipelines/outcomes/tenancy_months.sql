-- grain: a month of a person's tenancy in a programme after the first months, up to the one in which it ended
-- inputs: episodes.placements, episodes.persons, episodes.tenancy_units, shared.absences, needs.observed_through
with
-- made before months are unnested from it: DuckDB 2.0.0 stops where it unnests the rows of a large join as they come
placed as materialized (
    select
        p.person_id,
        p.program_code,
        p.provider_id,
        p.placed_on,
        w.is_linkable,
        w.died_on,
        o.observed_through_on,
        coalesce(r.ended_on, date '9999-12-31') as ended_on
    from episodes.placements as p
    inner join episodes.persons as w using (person_id)
    inner join needs.observed_through as o using (program_code)
    inner join tenancy_runs(
        'episodes.tenancy_units', 'shared.absences', 'needs.observed_through', $max_gap_days, $max_absence_days
    ) as r
        on
            p.person_id = r.person_id
            and p.placed_on >= r.started_on
            and (r.ended_on is null or p.placed_on < r.ended_on)
    where o.observed_through_on >= p.placed_on
),

months as (
    select
        *,
        unnest(generate_series(
            $after_months::integer + 1,
            -- the month that is running, or in which the tenancy ended, is the last
            date_diff('month', placed_on, least(ended_on, observed_through_on)) + 1
        )) as month_number
    from placed
),

dated as (
    -- every month counts from the placement, so that a 31st does not wander through short months
    select
        *,
        (placed_on + to_months((month_number - 1)::integer))::date as month_from_on,
        (placed_on + to_months(month_number::integer))::date as month_to_on
    from months
)

select
    person_id,
    provider_id,
    program_code,
    strftime(month_from_on, '%Y-%m') as period,
    placed_on as index_on,
    month_to_on as window_end_on,
    outcome_status(
        true,
        coalesce(died_on < month_to_on, false),
        month_to_on <= observed_through_on,
        ended_on >= month_to_on
    ) as status_code,
    (ended_on >= month_to_on)::integer::double as numerator,
    null::double as person_time,
    flag_list([
        case when coalesce(died_on < month_to_on, false) then 'died_in_window' end,
        case when not is_linkable then 'unlinkable' end
    ]) as flags
from dated
where month_from_on < ended_on and month_from_on <= observed_through_on
