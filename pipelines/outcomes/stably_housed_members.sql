-- grain: a member on the last day of a quarter
-- inputs: episodes.partnership_spans, episodes.persons, standard.residential_settings, person_index.person_of_client,
--         needs.observed_through, code_sets.residential_settings
with
spans as (
    select * from member_spans('episodes.partnership_spans', 'needs.observed_through')
),

members as (
    select person_id, provider_id, period, quarter_from_on, quarter_to_on, observed_through_on
    from spans
    -- on the last day of the quarter, or of the data where the quarter is not over
    where to_on = least(quarter_to_on, observed_through_on) + 1
),

settings as (
    select c.person_id, s.set_on, s.source_table, s.setting_id, k.setting_group_code
    from standard.residential_settings as s
    inner join person_index.person_of_client as c using (client_key)
    left join code_sets.residential_settings as k using (residential_setting_code)
),

current_settings as (
    select
        m.person_id,
        m.period,
        -- a key event of a day is later news than an assessment of the same day
        last(s.setting_group_code order by s.set_on, s.source_table desc, s.setting_id) as setting_group_code
    from members as m
    inner join settings as s on m.person_id = s.person_id and m.quarter_to_on >= s.set_on
    group by m.person_id, m.period
)

select
    m.person_id,
    m.provider_id,
    'FSP' as program_code,
    m.period,
    m.quarter_from_on as index_on,
    m.quarter_to_on as window_end_on,
    outcome_status(
        coalesce(s.setting_group_code, 'unknown') <> 'unknown',
        false,
        m.quarter_to_on <= m.observed_through_on,
        s.setting_group_code = 'permanent'
    ) as status_code,
    coalesce(s.setting_group_code = 'permanent', false)::integer::double as numerator,
    null::double as person_time,
    flag_list([
        'setting_' || coalesce(s.setting_group_code, 'unknown'),
        case when not w.is_linkable then 'unlinkable' end
    ]) as flags
from members as m
inner join episodes.persons as w using (person_id)
left join current_settings as s using (person_id, period)
