-- Grain: pair of identities of two clients that the wide net holds together.
-- Inputs: review.net_pairs, standard.identities
select
    least(l.identity_id, r.identity_id) as identity_id_l, greatest(l.identity_id, r.identity_id) as identity_id_r,
    'wide_net' as match_key
from review.net_pairs as pairs
inner join standard.identities as l on pairs.client_key_l = l.client_key
inner join standard.identities as r on pairs.client_key_r = r.client_key
