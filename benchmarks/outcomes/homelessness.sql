-- grain: a stay in a homeless service
select
    'stay-' || i as episode_id,
    chance(i, 29, all_persons() // 6) + 1 as person_id,
    1 as source_count,
    'p' || (i % 200) as project_id,
    [0, 1, 2, 3, 4, 13, 14][i % 7 + 1]::integer as project_type_code,
    ['ES', 'ES', 'TH', 'PH', 'SO', 'RRH', 'CE'][i % 7 + 1] as project_group_code,
    first_on() + chance(i, 30, 2000)::integer as entry_on,
    case when i % 7 in (3, 5) then entry_on + 10 end as move_in_on,
    case when chance(i, 31, 5) > 0 then entry_on + 11 + chance(i, 32, 120)::integer end as exit_on,
    case when exit_on is not null then [410, 435, 116, 101, 30, 24][chance(i, 33, 6) + 1] end::integer
        as destination_code,
    true as is_head
from range(clients() // 4) as t (i)
