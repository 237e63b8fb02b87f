-- Grain: one row per record of a flat table.
-- Inputs: linkage.identity_sources, standard.identities.
select
    client_key(s.agency, s.client_id) as client_key, s.agency, s.client_id,
    i.client_key is not null as is_linkable,
    null::bigint as merged_into_client_key
from (select distinct agency, client_id from linkage.identity_sources) as s
left join (select distinct client_key from standard.identities) as i on client_key(s.agency, s.client_id) = i.client_key
