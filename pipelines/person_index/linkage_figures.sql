-- grain: figure × part: what a run's linkage looks like as a whole, for comparison with other runs
-- inputs: linked.links, linked.clusters, standard.clients, standard.placeholder_counts, work.scored_pairs,
--         work.linkage_by_group; $loose_weight, $bin_bits, $last_bin
-- value counts what the part names; whole, where there is one, is what it is a share of.
with clusters as (
    select cluster_id, count(*) as size from linked.clusters group by cluster_id
),

clients as (
    select count(*) as clients from standard.clients
)

select
    'links_by_weight' as figure_code,
    lpad(
        greatest(least(floor(match_weight / $bin_bits) * $bin_bits, $last_bin), 0)::integer::varchar, 2, '0'
    ) as part_code,
    count(*)::bigint as value, null::bigint as whole
from work.scored_pairs where match_weight >= $loose_weight
group by part_code
union all
select
    'clusters_by_size',
    case
        when size <= 5 then '0' || size::varchar
        when size <= 10 then '06-10'
        when size <= 20 then '11-20'
        else '21+'
    end as part_code,
    count(*), null
from clusters
group by part_code
union all
select 'largest_cluster', 'clients', coalesce(max(size), 0), null from clusters
union all
select 'linked_by_agency_pair', cut_value, linked_clients, linkable_clients
from work.linkage_by_group where cut_code = 'agency_pair'
union all
select 'unlinkable_by_agency', cut_value, clients - linkable_clients, clients
from work.linkage_by_group where cut_code = 'agency'
union all
select
    'placeholders', field_name || ': ' || placeholder_kind as part_code, sum(value_count)::bigint,
    (select clients.clients from clients)
from standard.placeholder_counts
group by part_code
union all
select 'links_by_rule', match_key, count(*), null
from linked.links where match_weight >= $loose_weight
group by match_key
order by figure_code, part_code
