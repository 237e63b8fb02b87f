-- grain: a new partnership
-- inputs: episodes.partnership, episodes.persons, needs.observed_through
select
    p.person_id,
    p.provider_id,
    'FSP' as program_code,
    quarter_code(p.started_on) as period,
    p.started_on as index_on,
    quarter_end(p.started_on) as window_end_on,
    outcome_status(
        true,
        not (p.focal_homeless or p.focal_justice or p.focal_crisis),
        quarter_end(p.started_on) <= o.observed_through_on,
        true
    ) as status_code,
    1.0::double as numerator,
    null::double as person_time,
    flag_list([
        case when p.focal_homeless then 'focal_homeless' end,
        case when p.focal_justice then 'focal_justice' end,
        case when p.focal_crisis then 'focal_crisis' end,
        case when not (p.focal_homeless or p.focal_justice or p.focal_crisis) then 'no_focal_criterion' end,
        case when not w.is_linkable then 'unlinkable' end
    ]) as flags
from episodes.partnership as p
inner join episodes.persons as w using (person_id)
cross join needs.observed_through as o
