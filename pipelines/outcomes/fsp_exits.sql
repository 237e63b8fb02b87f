-- grain: a partnership that ended
-- inputs: episodes.partnership, episodes.persons, needs.observed_through, code_sets.partnership_exits
select
    p.person_id,
    p.last_provider_id as provider_id,
    'FSP' as program_code,
    quarter_code(p.ended_on) as period,
    p.ended_on as index_on,
    quarter_end(p.ended_on) as window_end_on,
    outcome_status(
        k.exit_code is not null,
        false,
        quarter_end(p.ended_on) <= o.observed_through_on,
        k.exit_code = $exit_code
    ) as status_code,
    coalesce(k.exit_code = $exit_code, false)::integer::double as numerator,
    null::double as person_time,
    flag_list([
        k.exit_code || '_exit',
        case when k.exit_code is null then 'reason_unknown' end,
        case when not w.is_linkable then 'unlinkable' end
    ]) as flags
from episodes.partnership as p
inner join episodes.persons as w using (person_id)
cross join needs.observed_through as o
left join code_sets.partnership_exits as k using (discontinuation_reason_code)
where p.ended_on is not null
