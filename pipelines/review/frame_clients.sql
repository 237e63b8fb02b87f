-- Grain: client, with the cluster it is in and what a sample is stratified by.
-- Inputs: standard.clients, standard.identities, linked.clusters, review.ethnicities (client_key, ethnicity; may lack a
--         client)
with known as (
    select client_key, bool_or(coalesce(ssn, itin, ssn_last4) is not null) as has_ssn
    from standard.identities
    group by client_key
)

select
    clients.client_key, clients.agency, clients.client_id, clusters.cluster_id,
    coalesce(known.has_ssn, false) as has_ssn,
    coalesce(ethnicities.ethnicity, 'unknown') as ethnicity
from standard.clients as clients
inner join linked.clusters as clusters using (client_key)
left join known using (client_key)
left join review.ethnicities as ethnicities using (client_key)
