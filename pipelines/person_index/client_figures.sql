-- grain: client × agency of the clients that it was scored with or is together with
-- inputs: work.scored_pairs, linked.clusters, standard.clients; $loose_weight
-- A pair is counted from each of its ends. Millionths and whole numbers: sums do not depend on the order of rows.
with ends as (
    select client_key_l as client_key, agency_r as other_agency, * from work.scored_pairs
    union all
    select client_key_r, agency_l, * from work.scored_pairs
),

scored as (
    select
        client_key, other_agency,
        count_if(match_weight >= $loose_weight) as links,
        count_if(is_doubtful) as doubtful_links,
        count_if(is_together) as pairs_together,
        coalesce(sum(probability_ppm) filter (where is_together), 0)::bigint as right_ppm,
        coalesce(sum(probability_ppm) filter (where not is_together and not is_forbidden), 0)::bigint as missed_ppm,
        coalesce(sum(probability_ppm * (1000000 - probability_ppm) // 1000000) filter (where is_together), 0)::bigint
            as right_variance_ppm,
        coalesce(
            sum(probability_ppm * (1000000 - probability_ppm) // 1000000)
                filter (where not is_together and not is_forbidden), 0
        )::bigint as missed_variance_ppm
    from ends
    group by client_key, other_agency
),

members as (
    select k.client_key, k.cluster_id, c.agency
    from linked.clusters as k inner join standard.clients as c using (client_key)
    where k.client_count > 1
),

cluster_agencies as (
    select distinct cluster_id, agency from members
),

neighbours as (
    select distinct m.client_key, o.agency as other_agency
    from members as m
    inner join cluster_agencies as o on m.cluster_id = o.cluster_id and m.agency <> o.agency
)

select
    coalesce(s.client_key, n.client_key) as client_key,
    coalesce(s.other_agency, n.other_agency) as other_agency,
    n.client_key is not null as is_linked,
    coalesce(s.links, 0) as links,
    coalesce(s.doubtful_links, 0) as doubtful_links,
    coalesce(s.pairs_together, 0) as pairs_together,
    coalesce(s.right_ppm, 0) as right_ppm,
    coalesce(s.missed_ppm, 0) as missed_ppm,
    coalesce(s.right_variance_ppm, 0) as right_variance_ppm,
    coalesce(s.missed_variance_ppm, 0) as missed_variance_ppm
from scored as s
full join neighbours as n on s.client_key = n.client_key and s.other_agency = n.other_agency
