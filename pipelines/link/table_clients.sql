-- Grain: one row per record of a flat table.
-- Inputs: linkage.identity_sources, standard.identities.
with records as (
    select distinct agency, client_id from linkage.identity_sources
),

linkable as (
    select distinct client_key from standard.identities
)

select
    client_key(r.agency, r.client_id) as client_key, r.agency, r.client_id,
    i.client_key is not null as is_linkable,
    null::bigint as merged_into_client_key
from records as r
left join linkable as i on client_key(r.agency, r.client_id) = i.client_key
