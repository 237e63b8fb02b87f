-- grain: a continuous tenancy of a person: [started_on, ended_on); a null end is still open
-- inputs: names of a table of units (unit_id, person_id, started_on, ended_on, exit_kind, program_rank) and of a table
--         of absences (person_id, left_on, back_on, is_jail, latest_offense_on), and of a table of the day that every
--         source has reached (observed_through_on), of whose rows the latest counts
-- Units follow one another after `max_gap_days` at most, or after an absence in an institution of `max_absence_days` at
-- most. A longer absence ends the tenancy on the day the tenant left, whatever the lease says: exit kind `institution`,
-- or `jail` with the day of the latest offence that led there.
-- Reads only the tables that it is handed, because a macro that names a table cannot be made before the table is there.
create or replace macro tenancy_runs(units, absences, observed_through, max_gap_days, max_absence_days) as table
with
known as (
    select max(observed_through_on) as known_through_on from query_table(observed_through)
),

reaching as (
    select
        *,
        coalesce(ended_on, date '9999-12-31') as open_until_on,
        max(coalesce(ended_on, date '9999-12-31')) over (
            partition by person_id order by started_on, unit_id
            rows between unbounded preceding and 1 preceding
        ) as reached_on
    from query_table(units)
),

bridged as (
    select distinct u.person_id, u.started_on, u.reached_on
    from reaching as u
    inner join query_table(absences) as a
        on
            u.person_id = a.person_id
            and u.reached_on + max_gap_days::integer >= a.left_on
            and u.started_on <= a.back_on + max_gap_days::integer
    where
        u.started_on - u.reached_on > max_gap_days::integer
        and u.started_on - u.reached_on <= max_absence_days::integer
),

numbered as (
    select
        u.*,
        count(*) filter (
            where u.reached_on is null
            or (u.started_on - u.reached_on > max_gap_days::integer and b.person_id is null)
        ) over (
            partition by u.person_id order by u.started_on, u.unit_id
            rows between unbounded preceding and current row
        ) as run_number
    from reaching as u
    left join bridged as b
        on u.person_id = b.person_id and u.started_on = b.started_on and u.reached_on = b.reached_on
),

joined as (
    select
        person_id,
        run_number,
        min(started_on) as started_on,
        max(open_until_on) as ended_on,
        last(exit_kind order by open_until_on, program_rank desc, unit_id) as exit_kind
    from numbered
    group by person_id, run_number
),

long_absences as (
    select
        j.person_id,
        j.run_number,
        j.started_on,
        j.ended_on,
        j.exit_kind,
        a.left_on,
        coalesce(a.back_on, date '9999-12-31') as back_on,
        case when a.is_jail then 'jail' else 'institution' end as absence_kind,
        a.latest_offense_on
    from joined as j
    inner join query_table(absences) as a
        on
            j.person_id = a.person_id
            and j.ended_on > a.left_on
            and j.started_on < coalesce(a.back_on, date '9999-12-31')
    cross join known as k
    where least(coalesce(a.back_on, k.known_through_on), k.known_through_on) - a.left_on > max_absence_days::integer
),

pieces as (
    select
        person_id,
        coalesce(
            lag(back_on) over (partition by person_id, run_number order by left_on), started_on
        ) as started_on,
        left_on as ended_on,
        absence_kind as exit_kind,
        latest_offense_on
    from long_absences
    union all
    select person_id, max(back_on), any_value(ended_on), any_value(exit_kind), null
    from long_absences
    group by person_id, run_number
    union all
    select j.person_id, j.started_on, j.ended_on, j.exit_kind, null
    from joined as j
    anti join long_absences as l on j.person_id = l.person_id and j.run_number = l.run_number
)

select
    person_id,
    started_on,
    nullif(ended_on, date '9999-12-31') as ended_on,
    exit_kind,
    latest_offense_on
from pieces
where started_on < ended_on;
