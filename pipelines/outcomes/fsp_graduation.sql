-- grain: a partnership that ended
-- inputs: episodes.partnership, episodes.persons, episodes.psychiatric_emergency, episodes.inpatient, episodes.custody,
--         needs.observed_through, code_sets.partnership_exits, code_sets.inpatient_facility_classes
with
ended as (
    select
        p.person_id,
        p.episode_id,
        p.last_provider_id as provider_id,
        p.ended_on,
        p.ended_on + $days::integer as window_end_on,
        k.exit_code,
        w.is_linkable,
        w.died_on,
        o.observed_through_on
    from episodes.partnership as p
    inner join episodes.persons as w using (person_id)
    cross join needs.observed_through as o
    left join code_sets.partnership_exits as k using (discontinuation_reason_code)
    where p.ended_on is not null
),

-- the day of the end itself belongs to the partnership: what follows starts after it
relapses as (
    select e.episode_id, 'emergency_after' as flag
    from ended as e
    inner join episodes.psychiatric_emergency as v
        on e.person_id = v.person_id and e.ended_on < v.started_on and e.window_end_on >= v.started_on
    union
    select e.episode_id, 'inpatient_after'
    from ended as e
    inner join episodes.inpatient as i
        on e.person_id = i.person_id and e.ended_on < i.admitted_on and e.window_end_on >= i.admitted_on
    where i.facility_class_code in (
        select k.facility_class_code from code_sets.inpatient_facility_classes as k where k.is_institution
    )
    union
    select e.episode_id, 'jail_after'
    from ended as e
    inner join episodes.custody as c
        on e.person_id = c.person_id and e.ended_on < c.started_on and e.window_end_on >= c.started_on
),

relapsed as (
    select episode_id, list(flag) as flags
    from relapses
    group by episode_id
),

judged as (
    select
        e.*,
        r.flags,
        e.exit_code = 'graduated' and r.episode_id is null as is_graduate,
        -- who left for a reason of its own neither graduated nor failed; who died cannot be watched
        coalesce(e.exit_code = 'neutral', false)
        or coalesce(e.died_on <= e.window_end_on, false) as is_excluded
    from ended as e
    left join relapsed as r using (episode_id)
)

select
    person_id,
    provider_id,
    'FSP' as program_code,
    quarter_code(ended_on) as period,
    ended_on as index_on,
    window_end_on,
    outcome_status(
        exit_code is not null and is_linkable, is_excluded, window_end_on <= observed_through_on, is_graduate
    ) as status_code,
    coalesce(is_graduate, false)::integer::double as numerator,
    null::double as person_time,
    flag_list(list_concat(
        coalesce(flags, []),
        [
            case when exit_code = 'graduated' then 'goals_met' end,
            case when exit_code = 'neutral' then 'neutral_exit' end,
            case when exit_code = 'negative' then 'negative_exit' end,
            case when exit_code is null then 'reason_unknown' end,
            case when died_on <= window_end_on then 'died_in_window' end,
            case when not is_linkable then 'unlinkable' end
        ]
    )) as flags
from judged
