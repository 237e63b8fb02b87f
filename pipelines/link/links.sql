-- Grain: one row per scored pair of identities of different clients, at or above the loose weight or in one component.
-- Inputs: linkage.links, linkage.component_pairs (identity_id_l < identity_id_r;
--         guard: what forbids the pair, or null).
-- A pair that a blocking rule met keeps that rule's name.
with scored as (
    select * from linkage.links
    union all
    select c.* from linkage.component_pairs as c
    anti join linkage.links as l on c.identity_id_l = l.identity_id_l and c.identity_id_r = l.identity_id_r
)

select identity_id_l, identity_id_r, client_key_l, client_key_r, match_weight, match_key, guard
from scored
order by identity_id_l, identity_id_r
