-- grain: the first placement of a person in a programme, and a quarter in which days of it were earned or housed
-- inputs: episodes.placements, episodes.persons, episodes.tenancy_units, episodes.custody, shared.absences,
--         needs.observed_through, code_sets.housing_exits
-- A day is earned on the day itself; days before the precondition was met are earned on the day that met it, or that
-- the tenant left by a planned exit.
with
-- units that overlap or touch are one stretch of housed days, so that no day is counted twice
reached as (
    select
        unit_id,
        person_id,
        started_on,
        coalesce(ended_on, date '9999-12-31') as ended_on,
        max(coalesce(ended_on, date '9999-12-31')) over (
            partition by person_id order by started_on, unit_id
            rows between unbounded preceding and 1 preceding
        ) as reached_on
    from episodes.tenancy_units
),

stretched as (
    select
        *,
        count(*) filter (where reached_on is null or started_on > reached_on) over (
            partition by person_id order by started_on, unit_id
            rows between unbounded preceding and current row
        ) as stretch_number
    from reached
),

stretches as (
    select person_id, min(started_on) as started_on, max(ended_on) as ended_on
    from stretched
    group by person_id, stretch_number
),

placed as (
    select
        p.person_id,
        p.program_code,
        p.provider_id,
        p.placed_on,
        w.is_linkable,
        w.died_on,
        o.observed_through_on,
        r.started_on as run_from_on,
        coalesce(r.ended_on, date '9999-12-31') as run_to_on,
        r.exit_kind,
        r.latest_offense_on
    from episodes.placements as p
    inner join episodes.persons as w using (person_id)
    inner join needs.observed_through as o using (program_code)
    inner join tenancy_runs(
        'episodes.tenancy_units', 'shared.absences', 'needs.observed_through', $max_gap_days, $max_absence_days
    ) as r on p.person_id = r.person_id and (r.ended_on is null or p.placed_on < r.ended_on)
),

housed as (
    select
        p.* exclude (exit_kind, latest_offense_on),
        greatest(s.started_on, p.run_from_on, p.placed_on) as from_on,
        least(
            s.ended_on, p.run_to_on, coalesce(p.died_on, date '9999-12-31'), p.observed_through_on + 1
        ) as to_on
    from placed as p
    inner join stretches as s on p.person_id = s.person_id and p.run_from_on < s.ended_on and p.run_to_on > s.started_on
    where
        greatest(s.started_on, p.run_from_on, p.placed_on)
        < least(s.ended_on, p.run_to_on, coalesce(p.died_on, date '9999-12-31'), p.observed_through_on + 1)
),

counted as (
    select
        *,
        sum(to_on - from_on) over (
            partition by person_id, program_code, run_from_on order by from_on
            rows between unbounded preceding and current row
        )::integer as housed_days
    from housed
),

-- the day after which the precondition is met; null where it never was
preconditions as (
    select
        person_id,
        program_code,
        run_from_on,
        min(to_on - (housed_days - $precondition_days::integer)) filter (
            where housed_days >= $precondition_days::integer
        ) as met_on
    from counted
    group by person_id, program_code, run_from_on
),

planned as (
    select p.person_id, p.program_code, p.run_from_on, u.ended_on as left_on
    from placed as p
    inner join episodes.tenancy_units as u
        on p.person_id = u.person_id and p.run_from_on < u.ended_on and p.run_to_on >= u.ended_on
    inner join code_sets.housing_exits as k on u.exit_kind = k.exit_kind and k.is_planned_exit
    union all
    -- an absence that ended the tenancy: for treatment, or in jail for acts before the placement alone
    select person_id, program_code, run_from_on, run_to_on
    from placed
    where exit_kind = 'institution' or (exit_kind = 'jail' and latest_offense_on < placed_on)
    union all
    select person_id, program_code, run_from_on, died_on
    from placed
    where died_on > run_from_on and died_on <= run_to_on
),

planned_exits as (
    select p.person_id, p.program_code, p.run_from_on, max(e.left_on) as left_on
    from placed as p
    inner join planned as e using (person_id, program_code, run_from_on)
    where e.left_on <= p.observed_through_on
    group by p.person_id, p.program_code, p.run_from_on
),

qualified as (
    select
        c.*,
        m.met_on,
        -- a planned exit decides only over days that the precondition did not earn before
        case when m.met_on is null or e.left_on < m.met_on then e.left_on end as left_on
    from counted as c
    inner join preconditions as m using (person_id, program_code, run_from_on)
    left join planned_exits as e using (person_id, program_code, run_from_on)
),

segments as (
    select
        person_id, program_code, from_on, least(to_on, left_on) as to_on, quarter_code(left_on) as period,
        quarter_end(left_on) as quarter_to_on, 1 as is_payable
    from qualified
    where from_on < left_on
    union all
    select
        person_id, program_code, greatest(from_on, coalesce(left_on, from_on)), least(to_on, met_on),
        quarter_code(met_on - 1), quarter_end(met_on - 1), 1
    from qualified
    where met_on is not null and greatest(from_on, coalesce(left_on, from_on)) < least(to_on, met_on)
    union all
    select
        person_id, program_code, greatest(from_on, quarter_at::date),
        least(to_on, quarter_end(quarter_at::date) + 1), quarter_code(quarter_at::date),
        quarter_end(quarter_at::date), coalesce(greatest(from_on, quarter_at::date) >= met_on, false)::integer
    from (
        select
            * replace (cut_from_on as from_on, cut_to_on as to_on),
            unnest(generate_series(
                date_trunc('quarter', cut_from_on)::timestamp, (cut_to_on - 1)::timestamp, interval 3 month
            )) as quarter_at
        from (
            -- days after the precondition was met, and, to be told as housed and not payable, those before
            select *, greatest(from_on, met_on) as cut_from_on, to_on as cut_to_on
            from qualified
            where met_on < to_on
            union all
            select *, from_on, least(to_on, coalesce(met_on, to_on))
            from qualified
            where met_on is null or from_on < met_on
        ) as cut
        where cut_from_on < cut_to_on
    ) as quartered
),

netted as (
    select
        s.person_id,
        s.program_code,
        s.period,
        s.quarter_to_on,
        s.from_on,
        s.is_payable,
        any_value(s.to_on - s.from_on) as days,
        coalesce(sum(
            -- any part of a calendar day in jail is a jail day; custody episodes of a person never share one
            least(s.to_on, coalesce(c.ended_on + 1, s.to_on)) - greatest(s.from_on, c.started_on)
        ) filter (where c.person_id is not null), 0) as jail_days
    from segments as s
    left join episodes.custody as c
        on
            s.person_id = c.person_id
            and s.to_on > c.started_on
            and (c.ended_on is null or s.from_on <= c.ended_on)
    group by s.person_id, s.program_code, s.period, s.quarter_to_on, s.from_on, s.is_payable
),

summed as (
    select
        person_id,
        program_code,
        period,
        any_value(quarter_to_on) as quarter_to_on,
        sum((days - jail_days) * is_payable)::integer as payable_days,
        sum(jail_days * is_payable)::integer as jail_days
    from netted
    group by person_id, program_code, period
),

placements as (
    select distinct person_id, program_code, provider_id, placed_on, is_linkable, observed_through_on
    from placed
)

select
    s.person_id,
    p.provider_id,
    s.program_code,
    s.period,
    p.placed_on as index_on,
    s.quarter_to_on as window_end_on,
    outcome_status(
        p.is_linkable, false, s.quarter_to_on <= p.observed_through_on, s.payable_days > 0
    ) as status_code,
    s.payable_days::double as numerator,
    null::double as person_time,
    flag_list([
        case when s.payable_days = 0 and s.jail_days = 0 then 'precondition_not_met' end,
        case when s.jail_days > 0 then 'net_of_jail_days' end,
        case when not p.is_linkable then 'unlinkable' end
    ]) as flags
from summed as s
inner join placements as p using (person_id, program_code)
