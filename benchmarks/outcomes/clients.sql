-- grain: a client
select
    i as client_key,
    ['mental_health', 'sheriff', 'health', 'hmis', 'fhsp'][i % 5 + 1] as agency,
    'c' || i as client_id,
    date '1940-01-01' + chance(i, 2, 23000)::integer as birth_on,
    ['F', 'M', 'M', 'X'][chance(i, 3, 4) + 1] as sex_code,
    ['white', 'black', 'hispanic', 'asian', 'unknown'][chance(i, 4, 5) + 1] as race_ethnicity_code,
    chance(i, 5, 100) > 1 as is_linkable,
    case when chance(i, 5, 100) <= 1 then 'no_name' end as unlinkable_reason
from range(1, clients() + 1) as t (i)
