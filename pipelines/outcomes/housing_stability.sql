-- grain: the first placement of a person in a programme
-- inputs: episodes.placements, episodes.persons, episodes.tenancy, needs.observed_through, code_sets.housing_exits
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

tenancies as (
    select
        p.person_id,
        p.program_code,
        bool_or(t.ended_on is null or t.ended_on > p.milestone_on) as is_housed,
        last(t.exit_kind order by t.ended_on, t.episode_id) filter (where t.ended_on <= p.milestone_on) as exit_kind,
        count(*) as tenancy_count
    from placed as p
    inner join episodes.tenancy as t
        on
            p.person_id = t.person_id
            and p.milestone_on >= t.started_on
            and (t.ended_on is null or p.placed_on <= t.ended_on)
    group by p.person_id, p.program_code
),

judged as (
    select
        p.*,
        t.exit_kind,
        t.tenancy_count,
        coalesce(t.is_housed, false) as is_housed,
        not t.is_housed and k.milestone_code = 'good' as is_good_exit,
        coalesce(p.died_on <= p.milestone_on, false)
        or (not t.is_housed and k.milestone_code = 'neutral') as is_excluded
    from placed as p
    left join tenancies as t using (person_id, program_code)
    left join code_sets.housing_exits as k using (exit_kind)
)

select
    person_id,
    provider_id,
    program_code,
    null::varchar as period,
    placed_on as index_on,
    milestone_on as window_end_on,
    outcome_status(
        true, is_excluded, milestone_on <= observed_through_on, is_housed or is_good_exit
    ) as status_code,
    (is_housed or coalesce(is_good_exit, false))::integer::double as numerator,
    null::double as person_time,
    flag_list([
        case when is_excluded then 'died_in_window' end,
        case when is_good_exit then 'good_exit' end,
        case when not is_housed and exit_kind = 'unknown' then 'exit_unknown' end,
        case when tenancy_count > 1 then 'gap_in_tenancy' end,
        case when not is_linkable then 'unlinkable' end
    ]) as flags
from judged
