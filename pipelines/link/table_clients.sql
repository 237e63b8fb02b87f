-- Grain: one row per record of a flat table.
-- Inputs: linkage.identity_sources, standard.identities.
with records as materialized (
    select distinct agency, client_id, client_key from linkage.identity_sources
),

linkable as (
    select distinct client_key from standard.identities
)

select
    r.client_key, r.agency, r.client_id,
    i.client_key is not null as is_linkable,
    null::bigint as merged_into_client_key
from records as r
left join linkable as i on r.client_key = i.client_key
