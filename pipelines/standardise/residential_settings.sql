-- grain: a dated residential setting of a partner, from a quarterly assessment or a key event
-- inputs: current.mental_health_fsp_quarterly, current.mental_health_fsp_key_event
with
settings as (
    select
        client_id,
        'fsp_quarterly' as source_table,
        assessment_id as setting_id,
        enrollment_id,
        assessed_on as set_on,
        residential_setting_code,
        _delivery_id,
        _line_number
    from current.mental_health_fsp_quarterly
    union all
    select
        client_id,
        'fsp_key_event' as source_table,
        key_event_id as setting_id,
        enrollment_id,
        event_on as set_on,
        residential_setting_code,
        _delivery_id,
        _line_number
    from current.mental_health_fsp_key_event
    where event_type_code = 'RESIDENTIAL'
)

select
    client_key('mental_health', s.client_id) as client_key,
    'mental_health' as agency,
    s.source_table,
    s.setting_id,
    s.enrollment_id,
    s.set_on,
    s.residential_setting_code,
    s._delivery_id,
    s._line_number
from settings as s
where s.residential_setting_code is not null
order by s.source_table, s.setting_id
