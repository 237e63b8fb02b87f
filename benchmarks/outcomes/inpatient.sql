-- grain: a stay in one class of facility
select
    'stay-' || i as episode_id,
    case when i % 5 = 0 then 1 + (chance(i, 25, members()) + 1) * 46 else chance(i, 26, all_persons()) + 1 end
        as person_id,
    1 as source_count,
    ['acute_psychiatric', 'acute_psychiatric', 'imd', 'mhrc', 'state_hospital', 'crisis_residential'][i % 6 + 1]
        as facility_class_code,
    first_on() + chance(i, 27, 2100)::integer as admitted_on,
    admitted_on + chance(i, 28, 40)::integer as discharged_on
from range(clients() * 6 // 100) as t (i)
