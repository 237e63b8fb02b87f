-- Grain: one row: links that a guard forbids, and of these the ones whose clients are one person all the same, because
-- other clients of the component, or a reviewer, overruled the guard.
-- Inputs: linkage.told_links (client_key_l, client_key_r, guard), linkage.told_clusters (client_key, cluster_id).
select
    count(*) as guarded_links,
    count(*) filter (where l.cluster_id = r.cluster_id) as overruled_links
from linkage.told_links as k
left join linkage.told_clusters as l on k.client_key_l = l.client_key
left join linkage.told_clusters as r on k.client_key_r = r.client_key
where k.guard is not null
