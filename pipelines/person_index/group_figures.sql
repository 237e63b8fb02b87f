-- grain: group of clients × agency of the clients that its clients are together with or were scored with; a row
--        without another agency counts the group's clients themselves
-- inputs: work.grouped_clients, work.scored_pairs; $loose_weight
-- A pair is counted from each of its ends. Millionths and whole numbers: sums do not depend on the order of rows.
with cluster_agencies as (
    select distinct cluster_id, agency from work.grouped_clients where client_count > 1
),

shared_clusters as (
    select cluster_id from cluster_agencies group by cluster_id having count(*) > 1
),

counted as (
    select
        group_number, null::varchar as other_agency,
        count(*) as clients, count_if(is_linkable) as linkable_clients,
        count_if(cluster_id in (from shared_clusters)) as linked_clients,
        sum(confidence_millibits) as confidence_millibits, count(confidence_millibits) as clients_in_clusters
    from work.grouped_clients
    group by group_number
),

neighbours as (
    select
        m.group_number, o.agency as other_agency, count(*) as linked_clients,
        sum(m.confidence_millibits) as confidence_millibits, count(m.confidence_millibits) as clients_in_clusters
    from work.grouped_clients as m
    inner join cluster_agencies as o on m.cluster_id = o.cluster_id and m.agency <> o.agency
    group by m.group_number, o.agency
),

-- the linter counts columns of unions by name as if they were by place
ends as (
    select group_l as group_number, agency_r as other_agency, * from work.scored_pairs -- noqa: AM07
    union all
    select group_r, agency_l, * from work.scored_pairs
),

scored as (
    select
        group_number, other_agency,
        count_if(match_weight >= $loose_weight) as links,
        count_if(is_doubtful) as doubtful_links,
        count_if(is_together) as pairs_together,
        sum(probability_ppm) filter (where is_together) as right_ppm,
        sum(probability_ppm) filter (where not is_together and not is_forbidden) as missed_ppm,
        sum(probability_ppm * (1000000 - probability_ppm) // 1000000) filter (where is_together)
            as right_variance_ppm,
        sum(probability_ppm * (1000000 - probability_ppm) // 1000000)
            filter (where not is_together and not is_forbidden) as missed_variance_ppm
    from ends
    group by group_number, other_agency
)

-- by name: what a row does not count is null in it
select * from counted -- noqa: AM07
union all by name
select * from neighbours
union all by name
select * from scored
