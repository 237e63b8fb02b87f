-- grain: a change of a member's residential setting
select
    1 + (i % members() + 1) * 46 as client_key,
    'mental_health' as agency,
    'fsp_key_event' as source_table,
    'setting-' || i as setting_id,
    first_on() + chance(i, 47, 2130)::integer as set_on,
    [
        'house_apartment_alone', 'sro_leased', 'emergency_shelter', 'homeless_unsheltered', 'jail', 'board_and_care'
    ][chance(i, 48, 6) + 1] as residential_setting_code
from range(members() * 4) as t (i)
