-- Grain: one row per pair of clients, with the pair of their identities that speaks for them.
-- Inputs: linkage.component_pairs.
-- As clustering does: the heaviest pair of identities speaks; ties to the greater ids.
select
    least(client_key_l, client_key_r) as one, greatest(client_key_l, client_key_r) as other,
    identity_id_l, identity_id_r, match_weight, guard
from linkage.component_pairs
qualify row_number() over (
    partition by one, other order by match_weight desc, identity_id_l desc, identity_id_r desc
) = 1
