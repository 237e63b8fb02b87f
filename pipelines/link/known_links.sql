-- Grain: one row per pair of identities that the last run scored, a rule meets now, and $loose_weight lets in.
-- Inputs: linkage.known_pairs.
select identity_id_l, identity_id_r, client_key_l, client_key_r, match_weight, match_key, guard
from linkage.known_pairs
where match_key is not null and match_weight >= $loose_weight
