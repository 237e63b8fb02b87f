-- Grain: one row: clients, linkable clients, clusters, clients in the largest cluster.
-- Inputs: standard.clients, linkage.told_clusters (client_key, cluster_id).
-- A client without a row is a cluster of its own.
with sizes as (
    select count(*) as client_count from linkage.told_clusters group by cluster_id
),

counts as (
    select count(*) as clients, count(*) filter (where is_linkable) as linkable_clients from standard.clients
),

placed as (
    select count(*) as clusters, coalesce(sum(client_count), 0)::bigint as clients, max(client_count) as largest
    from sizes
)

select
    c.clients,
    c.linkable_clients,
    p.clusters + c.clients - p.clients as clusters,
    coalesce(p.largest, least(c.clients, 1)) as largest_cluster
from counts as c
cross join placed as p
