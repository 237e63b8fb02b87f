-- Grain: one row: clients, linkable clients, clusters, clients in the largest cluster.
-- Inputs: standard.clients, linkage.told_clusters (client_key, cluster_id).
with sizes as (
    select
        coalesce(k.cluster_id, c.client_key) as cluster_id,
        count(*) as client_count,
        count_if(c.is_linkable) as linkable_count
    from standard.clients as c
    left join linkage.told_clusters as k on c.client_key = k.client_key
    group by 1
)

select
    coalesce(sum(client_count), 0)::bigint as clients,
    coalesce(sum(linkable_count), 0)::bigint as linkable_clients,
    count(*) as clusters,
    coalesce(max(client_count), 0) as largest_cluster
from sizes
