-- Grain: one row per pair of identities of two clients of one component that are no link.
-- Inputs: linkage.components (client_key, component), linkage.in_play, linkage.links.
with members as (
    select i.identity_id, i.client_key, c.component
    from linkage.in_play as i
    inner join linkage.components as c on i.client_key = c.client_key
)

select
    l.identity_id as identity_id_l, r.identity_id as identity_id_r,
    'same_component' as match_key
from members as l
inner join members as r
    on l.component = r.component and l.identity_id < r.identity_id and l.client_key <> r.client_key
anti join linkage.links as met on l.identity_id = met.identity_id_l and r.identity_id = met.identity_id_r
