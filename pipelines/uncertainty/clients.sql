-- grain: a client in a world: under a key of its own there, with the person it is part of there
-- inputs: worlds.placed (world, client_key, cluster_key)
-- Keys are given in the order of worlds and of the county's keys, so that whatever is decided by order stays decided.
with
numbered as (
    select
        world,
        client_key as county_key,
        cluster_key,
        row_number() over (order by world, client_key) as client_key
    from worlds.placed
)

select
    world,
    county_key,
    client_key,
    min(client_key) over (partition by world, cluster_key) as person_id
from numbered
order by client_key
