-- Grain: client of a person, by client key. confidence: mean weight in bits within its cluster.
-- Inputs: person_index.person_of_client, linked.clusters
select people.client_key, people.agency, people.client_id, clusters.confidence
from person_index.person_of_client as people
left join linked.clusters as clusters using (client_key)
where people.person_id = $person_id
order by people.client_key
