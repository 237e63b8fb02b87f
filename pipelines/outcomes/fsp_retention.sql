-- grain: a new partnership
-- inputs: episodes.partnership, episodes.partnership_spans, episodes.persons, shared.member_services,
--         needs.observed_through, code_sets.partnership_exits
with
indexed as (
    select
        p.episode_id,
        p.person_id,
        p.provider_id,
        p.started_on,
        p.ended_on,
        p.discontinuation_reason_code,
        (p.started_on + to_months($months::integer))::date as milestone_on,
        w.is_linkable,
        w.died_on,
        o.observed_through_on
    from episodes.partnership as p
    inner join episodes.persons as w using (person_id)
    cross join needs.observed_through as o
),

open_partnerships as (
    select distinct i.episode_id
    from indexed as i
    inner join episodes.partnership_spans as s
        on
            i.person_id = s.person_id
            and i.milestone_on >= s.started_on
            and (s.ended_on is null or i.milestone_on < s.ended_on)
),

served as (
    select distinct i.episode_id
    from indexed as i
    inner join shared.member_services as s
        on
            i.person_id = s.person_id
            and s.served_on > i.milestone_on - $service_days::integer
            and i.milestone_on >= s.served_on
),

judged as (
    select
        i.*,
        b.episode_id is not null as is_open,
        v.episode_id is not null as is_served,
        case when i.ended_on <= i.milestone_on then k.exit_code end as exit_code,
        coalesce(i.died_on <= i.milestone_on, false) as has_died
    from indexed as i
    left join open_partnerships as b using (episode_id)
    left join served as v using (episode_id)
    left join code_sets.partnership_exits as k using (discontinuation_reason_code)
)

select
    person_id,
    provider_id,
    'FSP' as program_code,
    quarter_code(milestone_on) as period,
    started_on as index_on,
    milestone_on as window_end_on,
    outcome_status(
        true,
        has_died or coalesce(exit_code in ('graduated', 'neutral'), false),
        milestone_on <= observed_through_on,
        is_open and is_served
    ) as status_code,
    (is_open and is_served)::integer::double as numerator,
    null::double as person_time,
    flag_list([
        case when has_died then 'died_in_window' end,
        case when exit_code = 'graduated' then 'graduated' end,
        case when exit_code = 'neutral' and not has_died then 'neutral_exit' end,
        case when exit_code = 'negative' then 'negative_exit' end,
        case when is_open and not is_served then 'open_without_service' end,
        case when not is_linkable then 'unlinkable' end
    ]) as flags
from judged
