-- Grain: one row per pair of linkage.unmet_pairs that an earlier run scored.
-- Inputs: linkage.unmet_pairs, linkage.known_pairs.
select
    u.identity_id_l, u.identity_id_r, k.client_key_l, k.client_key_r, k.match_weight, u.match_key, k.guard
from linkage.unmet_pairs as u
inner join linkage.known_pairs as k on u.identity_id_l = k.identity_id_l and u.identity_id_r = k.identity_id_r
