-- grain: a pair of clients that the last run scored, smaller key first; the best pair of their identities speaks
-- inputs: linked.links, person_index.person_of_client
with
best as (
    select
        least(client_key_l, client_key_r) as client_key_l,
        greatest(client_key_l, client_key_r) as client_key_r,
        arg_max(
            {
                'weight': match_weight, 'rule': match_key, 'guard': guard,
                'identity_l': identity_id_l, 'identity_r': identity_id_r
            },
            (match_weight, identity_id_l, identity_id_r)
        ) as speaking
    from linked.links
    where client_key_l <> client_key_r
    group by 1, 2
)

select
    best.client_key_l,
    best.client_key_r,
    best.speaking.weight as match_weight,
    best.speaking.rule as match_key,
    best.speaking.guard,
    best.speaking.identity_l as identity_id_l,
    best.speaking.identity_r as identity_id_r,
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
