-- Grain: one row per client whose cluster is to be made; a client that nothing ties to another is a cluster of its own.
-- Inputs: linkage.clients, linkage.client_clusters, linkage.links, linkage.component_pairs.
-- confidence: mean weight in bits over the pairs of clients in the cluster, each by its best pair of identities;
-- summed as whole millionths, so that it does not depend on the order of rows.
with placed as (
    select c.client_key, coalesce(k.cluster_id, c.client_key) as cluster_id
    from linkage.clients as c
    left join linkage.client_clusters as k on c.client_key = k.client_key
),

scored as (
    select client_key_l, client_key_r, match_weight from linkage.links
    union all
    select client_key_l, client_key_r, match_weight from linkage.component_pairs
),

best as (
    select
        least(client_key_l, client_key_r) as one, greatest(client_key_l, client_key_r) as other,
        max(match_weight) as match_weight
    from scored
    group by one, other
),

inner_pairs as (
    select a.cluster_id, round(sum(round(b.match_weight * 1e6)::hugeint) / (count(*) * 1e6), 3) as confidence
    from best as b
    inner join placed as a on b.one = a.client_key
    inner join placed as z on b.other = z.client_key and a.cluster_id = z.cluster_id
    group by a.cluster_id
)

select
    p.client_key, p.cluster_id, i.confidence,
    (count(*) over (partition by p.cluster_id))::integer as client_count
from placed as p
left join inner_pairs as i on p.cluster_id = i.cluster_id
order by p.client_key
