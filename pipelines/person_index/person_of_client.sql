-- grain: client; every client of every agency has exactly one person
-- inputs: standard.clients, work.persons (client_key, person_id)
select
    clients.client_key,
    clients.agency,
    clients.client_id,
    persons.person_id
from standard.clients as clients
inner join work.persons as persons using (client_key)
order by clients.client_key
