-- Grain: one row per client whose cluster is to be made anew.
-- Inputs: standard.clients, linkage.touched_clients, linked.clusters (of the last run).
select *
from standard.clients
where
    client_key in (select client_key from linkage.touched_clients)
    or client_key not in (select client_key from linked.clusters)
