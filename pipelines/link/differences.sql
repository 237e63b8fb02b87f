-- Grain: one row: what the lake's links and clusters hold, and where a full run comes to something else.
-- Inputs: linked.links, linked.clusters (the lake), linkage.full_links, linkage.full_clusters (the full run).
-- Scores are compared bit by bit, links with their guard and the first rule that met them, clusters client by client.
with links as (
    select
        s.match_weight is null as is_missing,
        f.match_weight is null as is_extra,
        coalesce(s.match_weight <> f.match_weight, false) as is_scored_otherwise,
        coalesce(s.match_weight = f.match_weight, false)
        and (s.guard, s.match_key) is distinct from (f.guard, f.match_key) as is_told_otherwise
    from linked.links as s
    full outer join linkage.full_links as f
        on s.identity_id_l = f.identity_id_l and s.identity_id_r = f.identity_id_r
),

clients as (
    select
        (s.cluster_id, s.confidence, s.client_count)
        is distinct from (f.cluster_id, f.confidence, f.client_count) as is_placed_otherwise
    from linked.clusters as s
    full outer join linkage.full_clusters as f on s.client_key = f.client_key
)

select
    (select count(*) from links) as links,
    (select count_if(is_missing) from links) as links_missing,
    (select count_if(is_extra) from links) as links_extra,
    (select count_if(is_scored_otherwise) from links) as scores_differing,
    (select count_if(is_told_otherwise) from links) as reasons_differing,
    (select count(*) from clients) as clients,
    (select count_if(is_placed_otherwise) from clients) as clients_placed_otherwise
