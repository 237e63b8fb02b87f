-- grain: client; the number of the group that it shares every attribute with, and what its cluster says of it
-- inputs: person_index.client_attributes, standard.clients, linked.clusters, work.client_groups
-- Groups are few and clients millions: what is summed is summed by a number, and told by its attributes afterwards.
select
    c.client_key,
    g.group_number,
    c.agency,
    c.is_linkable,
    k.cluster_id,
    k.client_count,
    round(1000 * k.confidence)::bigint as confidence_millibits
from person_index.client_attributes as a
inner join work.client_groups as g
    on
        a.agency = g.agency
        and a.race_ethnicity is not distinct from g.race_ethnicity
        and a.sex = g.sex
        and a.age_band = g.age_band
        and a.housing_status = g.housing_status
        and a.ssn = g.ssn
inner join standard.clients as c on a.client_key = c.client_key
inner join linked.clusters as k on a.client_key = k.client_key
