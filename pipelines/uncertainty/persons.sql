-- grain: a world and a person who is there and not in the county
-- inputs: worlds.placed_persons, worlds.clients
select distinct
    p.world,
    c.person_id
from worlds.placed_persons as p
inner join worlds.clients as c using (person_number)
order by p.world, c.person_id
