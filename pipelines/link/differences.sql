-- Grain: one row: what the lake's links and clusters hold, and where a full run comes to something else.
-- Inputs: linked.links, linked.clusters (the lake), linkage.full_links, linkage.full_clusters (the full run).
-- Scores are compared bit by bit, links with their guard and the first rule that met them, clusters client by client.
with links as (
    select
        s.match_weight as stored_weight,
        f.match_weight as full_weight,
        coalesce(s.guard, '') || '|' || s.match_key as stored_reason,
        coalesce(f.guard, '') || '|' || f.match_key as full_reason
    from linked.links as s
    full outer join linkage.full_links as f
        on s.identity_id_l = f.identity_id_l and s.identity_id_r = f.identity_id_r
),

alike as (
    select count(*) as clients
    from linked.clusters as s
    inner join linkage.full_clusters as f
        on
            s.client_key = f.client_key
            and s.cluster_id = f.cluster_id
            and s.client_count = f.client_count
            and coalesce(s.confidence, -1e9) = coalesce(f.confidence, -1e9)
),

clients as (
    select count(*) as clients
    from linked.clusters as s
    full outer join linkage.full_clusters as f on s.client_key = f.client_key
)

select
    (select count(*) from links) as links,
    (select count_if(stored_weight is null) from links) as links_missing,
    (select count_if(full_weight is null) from links) as links_extra,
    (select count_if(stored_weight <> full_weight) from links) as scores_differing,
    (select count_if(stored_weight = full_weight and stored_reason <> full_reason) from links) as reasons_differing,
    (select clients from clients) as clients,
    (select clients from clients) - (select clients from alike) as clients_placed_otherwise
