-- grain: a person of the county who is someone else in a world: their rows do not count there
-- inputs: worlds.clients, county.person_of_client
select distinct
    w.world,
    p.person_id
from worlds.clients as w
inner join county.person_of_client as p on w.county_key = p.client_key
order by w.world, p.person_id
