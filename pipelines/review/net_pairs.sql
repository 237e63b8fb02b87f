-- Grain: pair of clients of the wide net that no blocking rule met at or above the floor and that is not together:
--        all of them, or $kept_ppm in a million, chosen by hash.
-- Inputs: review.net_features, linkage.links (candidates, scored down to the floor), linked.links, review.frame_clients
with caught as (
    select distinct l.client_key as client_key_l, r.client_key as client_key_r
    from review.net_features as l
    inner join review.net_features as r
        on l.feature = r.feature and l.value = r.value and l.client_key < r.client_key
    where hash(l.client_key, r.client_key, $seed) % 1000000 < $kept_ppm
),

met as (
    select least(client_key_l, client_key_r) as client_key_l, greatest(client_key_l, client_key_r) as client_key_r
    from linkage.links
    union all
    select least(client_key_l, client_key_r), greatest(client_key_l, client_key_r) from linked.links
)

select caught.client_key_l, caught.client_key_r
from caught
inner join review.frame_clients as l on caught.client_key_l = l.client_key
inner join review.frame_clients as r on caught.client_key_r = r.client_key
anti join met on caught.client_key_l = met.client_key_l and caught.client_key_r = met.client_key_r
where l.cluster_id <> r.cluster_id
