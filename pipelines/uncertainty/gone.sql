-- grain: a person of the county who is someone else in a world: their rows do not count there
-- inputs: worlds.placed, county.person_of_client
select distinct
    w.world,
    p.person_id
from worlds.placed as w
inner join county.person_of_client as p using (client_key)
order by w.world, p.person_id
