-- grain: a person in permanent housing (other than rapid re-housing) during the report year: the latest stay
-- inputs: episodes.homelessness, episodes.persons, needs.observed_through, code_sets.hud_project_types,
--         code_sets.hud_destinations
with
report as (
    select
        o.observed_through_on as end_on,
        (o.observed_through_on + interval 1 day - interval 1 year)::date as start_on
    from needs.observed_through as o
),

stays as (
    select h.*, r.start_on, r.end_on
    from episodes.homelessness as h
    cross join report as r
    inner join code_sets.hud_project_types as t on h.project_type_code::varchar = t.project_type_code and t.is_retention
    where
        h.move_in_on <= coalesce(h.exit_on, r.end_on)
        and h.move_in_on <= r.end_on
        and (h.exit_on is null or h.exit_on >= r.start_on)
    qualify
        row_number() over (
            partition by h.person_id order by h.entry_on desc, h.exit_on desc nulls first, h.episode_id
        ) = 1
),

judged as (
    select
        s.*,
        d.exit_kind,
        s.exit_on is null or s.exit_on > s.end_on as is_stayer,
        coalesce(d.is_permanent, false) as is_permanent,
        coalesce(d.leaves_retention_denominator, false) as leaves_denominator
    from stays as s
    left join code_sets.hud_destinations as d on s.destination_code::varchar = d.destination_code
)

select
    j.person_id,
    null::varchar as provider_id,
    j.project_group_code as program_code,
    null::varchar as period,
    j.move_in_on as index_on,
    j.end_on as window_end_on,
    outcome_status(true, not j.is_stayer and j.leaves_denominator, true, j.is_stayer or j.is_permanent) as status_code,
    (j.is_stayer or j.is_permanent)::integer::double as numerator,
    null::double as person_time,
    flag_list([
        case when j.is_stayer then 'stayer' else 'leaver' end,
        case when not j.is_stayer and j.leaves_denominator then 'exit_out_of_scope' end,
        case when not j.is_stayer and j.exit_kind = 'unknown' then 'exit_unknown' end,
        case when not w.is_linkable then 'unlinkable' end
    ]) as flags
from judged as j
inner join episodes.persons as w using (person_id)
