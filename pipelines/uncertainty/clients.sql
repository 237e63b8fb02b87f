-- grain: a client of a person whom some world has and the county does not: under a key of its own in that person
-- inputs: worlds.placed_persons
-- Keys are given in the order of persons and of the county's keys, so that whatever is decided by order stays decided.
with
members as (
    select person_number, unnest(any_value(client_keys)) as county_key
    from worlds.placed_persons
    group by person_number
),

numbered as (
    select
        person_number,
        county_key,
        row_number() over (order by person_number, county_key) as client_key
    from members
)

select
    county_key,
    client_key,
    min(client_key) over (partition by person_number) as person_id,
    person_number
from numbered
order by client_key
