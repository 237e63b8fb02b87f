-- Grain: one row: pairs of clients that were ever one person, and those of them that changed and changed back.
-- Inputs: seen.clients (night, client_key, person_id). Nights on which one of the two was not there do not count.
with ever as (
    select distinct one.client_key as l, other.client_key as r
    from seen.clients as one
    inner join seen.clients as other
        on one.night = other.night and one.person_id = other.person_id and one.client_key < other.client_key
),

states as (
    select e.l, e.r, one.night, one.person_id = other.person_id as is_together
    from ever as e
    inner join seen.clients as one on e.l = one.client_key
    inner join seen.clients as other on e.r = other.client_key and one.night = other.night
),

runs as (
    select
        l, r, night, is_together,
        is_together is distinct from lag(is_together) over (partition by l, r order by night) as is_start
    from states
),

pairs as (
    select
        l, r,
        count_if(is_start and is_together) as spells_together,
        count_if(is_start and not is_together) as spells_apart
    from runs
    group by l, r
)

select
    count(*) as pairs,
    count_if(spells_together > 1)::bigint as back_together,
    count_if(spells_apart > 1)::bigint as apart_again
from pairs
