-- Grain: one row per client: the clusters made anew, and those of the last run that nothing touched.
-- Inputs: linkage.clusters, linked.clusters (of the last run), linkage.clients, standard.clients.
select client_key, cluster_id, confidence, client_count
from linkage.clusters
union all
select before.client_key, before.cluster_id, before.confidence, before.client_count
from linked.clusters as before
semi join standard.clients as now on before.client_key = now.client_key
anti join linkage.clients as anew on before.client_key = anew.client_key
order by client_key
