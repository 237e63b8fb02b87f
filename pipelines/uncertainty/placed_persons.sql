-- grain: a person of a world (world, cluster_key) whom the county does not have, by the number of its set of clients
-- inputs: worlds.placed (world, client_key, cluster_key)
-- The same clients are one person in many worlds: what they lived through is measured once for all of them.
with
sets as (
    select
        world,
        cluster_key,
        list(client_key order by client_key) as client_keys
    from worlds.placed
    group by world, cluster_key
)

select
    world,
    cluster_key,
    client_keys,
    dense_rank() over (order by client_keys) as person_number
from sets
