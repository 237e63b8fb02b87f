-- grain: a pair of clients that the last run scored, smaller key first; the best pair of their identities speaks
-- inputs: linked.links, person_index.person_of_client
with
best as (
    select
        least(client_key_l, client_key_r) as client_key_l,
        greatest(client_key_l, client_key_r) as client_key_r,
        match_weight,
        match_key,
        guard,
        identity_id_l,
        identity_id_r
    from linked.links
    qualify row_number() over (
        partition by least(client_key_l, client_key_r), greatest(client_key_l, client_key_r)
        order by match_weight desc, identity_id_l desc, identity_id_r desc
    ) = 1
)

select
    best.*,
    one.person_id as person_id_l,
    other.person_id as person_id_r,
    one.person_id = other.person_id as is_together,
    one.agency as agency_l,
    one.client_id as client_id_l,
    other.agency as agency_r,
    other.client_id as client_id_r
from best
inner join person_index.person_of_client as one on best.client_key_l = one.client_key
inner join person_index.person_of_client as other on best.client_key_r = other.client_key
