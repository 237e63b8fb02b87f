-- grain: client; every client of every agency has exactly one person
-- inputs: work.cluster_now, work.person_of_cluster (cluster_id, person_id), standard.clients
select
    clients.client_key,
    clients.agency,
    clients.client_id,
    named.person_id
from standard.clients as clients
inner join work.cluster_now as now using (client_key)
inner join work.person_of_cluster as named using (cluster_id)
order by clients.client_key
