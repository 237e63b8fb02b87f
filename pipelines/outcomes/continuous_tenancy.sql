-- grain: the first placement of a person in a programme
-- inputs: episodes.placements, episodes.persons, episodes.tenancy_units, shared.absences, needs.observed_through,
--         code_sets.housing_exits
with
placed as (
    select
        p.person_id,
        p.program_code,
        p.provider_id,
        p.placed_on,
        (p.placed_on + to_months($months::integer))::date as milestone_on,
        w.is_linkable,
        w.died_on,
        o.observed_through_on
    from episodes.placements as p
    inner join episodes.persons as w using (person_id)
    left join needs.observed_through as o using (program_code)
),

judged as (
    select
        p.*,
        r.person_id is not null and coalesce(r.ended_on >= p.milestone_on, true) as is_continuous,
        coalesce(p.died_on < p.milestone_on, false) as is_excluded,
        case when r.ended_on < p.milestone_on then r.exit_kind end as exit_kind
    from placed as p
    left join tenancy_runs(
        'episodes.tenancy_units', 'shared.absences', 'needs.observed_through', $max_gap_days, $max_absence_days
    ) as r
        on
            p.person_id = r.person_id
            and p.placed_on >= r.started_on
            and (r.ended_on is null or p.placed_on < r.ended_on)
)

select
    j.person_id,
    j.provider_id,
    j.program_code,
    null::varchar as period,
    j.placed_on as index_on,
    j.milestone_on as window_end_on,
    outcome_status(true, j.is_excluded, j.milestone_on <= j.observed_through_on, j.is_continuous) as status_code,
    j.is_continuous::integer::double as numerator,
    null::double as person_time,
    flag_list([
        case when j.is_excluded then 'died_in_window' end,
        case when not j.is_continuous and k.milestone_code = 'good' then 'good_exit' end,
        case when not j.is_continuous and j.exit_kind = 'unknown' then 'exit_unknown' end,
        case when not j.is_linkable then 'unlinkable' end
    ]) as flags
from judged as j
left join code_sets.housing_exits as k using (exit_kind)
