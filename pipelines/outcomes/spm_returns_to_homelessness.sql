-- grain: a person whose first permanent exit lies in the exit window two years before the report
-- inputs: episodes.homelessness, episodes.persons, needs.observed_through, code_sets.hud_project_types,
--         code_sets.hud_destinations
with
report as (
    select
        o.observed_through_on as end_on,
        (o.observed_through_on + interval 1 day - interval 1 year)::date - 730 as exits_from_on,
        o.observed_through_on - 730 as exits_to_on
    from needs.observed_through as o
),

stays as (
    select
        h.*,
        t.is_spm_exit,
        t.is_spm_return,
        t.project_group_code in ('PH', 'RRH') as is_permanent_housing,
        -- HUD holds permanent housing alone to the transition days; some vendors hold transitional housing to them too
        t.project_group_code in ('PH', 'RRH')
        or ($counts_th_transitions::boolean and t.project_group_code = 'TH') as has_transition
    from episodes.homelessness as h
    inner join code_sets.hud_project_types as t on h.project_type_code::varchar = t.project_type_code
),

exits as (
    select s.*
    from stays as s
    cross join report as r
    inner join code_sets.hud_destinations as d on s.destination_code::varchar = d.destination_code and d.is_permanent
    where s.is_spm_exit and s.exit_on between r.exits_from_on and r.exits_to_on
    qualify row_number() over (partition by s.person_id order by s.exit_on, s.entry_on, s.episode_id) = 1
),

returns as (
    select x.person_id, min(s.entry_on - x.exit_on) as return_days
    from exits as x
    cross join report as r
    inner join stays as s
        on
            x.person_id = s.person_id
            and x.episode_id <> s.episode_id
            and s.is_spm_return
            and x.exit_on <= s.entry_on
            and r.end_on >= s.entry_on
    where
        not s.has_transition
        -- moving from one permanent home to another is no return, and takes up to two weeks
        or (
            s.entry_on > x.exit_on + $transition_days::integer
            and not exists (
                select 1
                from stays as o
                where
                    o.person_id = s.person_id
                    and o.is_permanent_housing
                    and o.episode_id <> s.episode_id
                    and s.entry_on > o.entry_on
                    and s.entry_on <= coalesce(least(o.exit_on + $transition_days::integer, r.end_on), r.end_on)
            )
        )
    group by x.person_id
)

select
    x.person_id,
    null::varchar as provider_id,
    x.project_group_code as program_code,
    null::varchar as period,
    x.exit_on as index_on,
    x.exit_on + 730 as window_end_on,
    outcome_status(
        true, false, x.exit_on + 730 <= r.end_on, t.return_days between $days_from::integer and $days_to::integer
    ) as status_code,
    coalesce(t.return_days between $days_from::integer and $days_to::integer, false)::integer::double as numerator,
    null::double as person_time,
    flag_list([
        case when t.return_days between 0 and 180 then 'returned_in_0_180_days' end,
        case when t.return_days between 181 and 365 then 'returned_in_181_365_days' end,
        case when t.return_days between 366 and 730 then 'returned_in_366_730_days' end,
        case when not w.is_linkable then 'unlinkable' end
    ]) as flags
from exits as x
cross join report as r
inner join episodes.persons as w using (person_id)
left join returns as t using (person_id)
