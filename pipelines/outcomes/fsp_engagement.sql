-- grain: a new partnership
-- inputs: episodes.partnership, episodes.persons, shared.member_services, needs.observed_through
with
served as (
    select p.episode_id, count(*) as service_days
    from episodes.partnership as p
    inner join shared.member_services as s
        on p.person_id = s.person_id and p.started_on <= s.served_on and s.served_on < p.started_on + $days::integer
    group by p.episode_id
),

judged as (
    select
        p.*,
        w.is_linkable,
        p.started_on + $days::integer as window_end_on,
        coalesce(w.died_on < p.started_on + $days::integer, false) as has_died,
        coalesce(s.service_days, 0) as service_days,
        o.observed_through_on
    from episodes.partnership as p
    inner join episodes.persons as w using (person_id)
    cross join needs.observed_through as o
    left join served as s using (episode_id)
)

select
    person_id,
    provider_id,
    'FSP' as program_code,
    quarter_code(started_on) as period,
    started_on as index_on,
    window_end_on,
    outcome_status(
        true, has_died, window_end_on - 1 <= observed_through_on, service_days >= $services::integer
    ) as status_code,
    (service_days >= $services::integer)::integer::double as numerator,
    null::double as person_time,
    flag_list([
        case when has_died then 'died_in_window' end,
        case when service_days = 0 then 'never_served' end,
        case when not is_linkable then 'unlinkable' end
    ]) as flags
from judged
