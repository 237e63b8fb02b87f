-- grain: old person × new cluster that share clients; the clients they share
-- inputs: work.person_before (client_key, person_id), work.cluster_now (client_key, cluster_id)
select
    before.person_id,
    now.cluster_id,
    count(*) as shared_clients
from work.person_before as before
inner join work.cluster_now as now using (client_key)
group by before.person_id, now.cluster_id
