-- Grain: pair of clients of a set, by its best scored pair of identities, as the last run stored it.
-- Inputs: linked.links
select
    least(client_key_l, client_key_r) as one, greatest(client_key_l, client_key_r) as other,
    max(match_weight) as match_weight,
    arg_max(match_key, (match_weight, identity_id_l, identity_id_r)) as match_key,
    arg_max(guard, (match_weight, identity_id_l, identity_id_r)) as guard
from linked.links
where list_contains($client_keys, client_key_l) and list_contains($client_keys, client_key_r)
group by one, other
order by one, other
