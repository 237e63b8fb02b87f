-- Grain: one row per record of a flat table, with the number of the person it was found to be.
-- Inputs: standard.clients, linkage.client_clusters.
select
    c.agency as source, c.client_id as source_record_id, coalesce(k.cluster_id, c.client_key) as person_id
from standard.clients as c
left join linkage.client_clusters as k on c.client_key = k.client_key
order by source, source_record_id
