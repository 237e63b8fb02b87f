-- grain: a client; the first clients are a person each, the others are further clients of these
select
    i as client_key,
    ['mental_health', 'sheriff', 'health', 'hmis', 'fhsp'][i % 5 + 1] as agency,
    'c' || i as client_id,
    case when i <= all_persons() then i else chance(i, 1, all_persons()) + 1 end as person_id
from range(1, clients() + 1) as t (i)
