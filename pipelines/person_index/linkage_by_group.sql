-- grain: cut × value: counts and sums, before rates and intervals
-- inputs: work.client_groups, work.group_figures
with own as (
    select
        group_number,
        sum(clients) as clients, sum(linkable_clients) as linkable_clients,
        -- of the clients themselves: with several other agencies, a client is linked once
        sum(linked_clients) filter (where other_agency is null) as linked_clients,
        sum(confidence_millibits) filter (where other_agency is null) as confidence_millibits,
        sum(clients_in_clusters) filter (where other_agency is null) as clients_in_clusters,
        sum(links) as links, sum(doubtful_links) as doubtful_links, sum(pairs_together) as pairs_together,
        sum(right_ppm) as right_ppm, sum(missed_ppm) as missed_ppm,
        sum(right_variance_ppm) as right_variance_ppm, sum(missed_variance_ppm) as missed_variance_ppm
    from work.group_figures
    group by group_number
),

by_value as (
    select
        case
            when not grouping(g.agency) then 'agency'
            when not grouping(g.race_ethnicity) then 'race_ethnicity'
            when not grouping(g.sex) then 'sex'
            when not grouping(g.age_band) then 'age_band'
            when not grouping(g.housing_status) then 'housing_status'
            when not grouping(g.ssn) then 'ssn'
            else 'all'
        end as cut_code,
        coalesce(g.agency, g.race_ethnicity, g.sex, g.age_band, g.housing_status, g.ssn, 'all') as cut_value,
        sum(o.clients)::bigint as clients, sum(o.linkable_clients)::bigint as linkable_clients,
        sum(o.linked_clients)::bigint as linked_clients,
        sum(o.confidence_millibits) as confidence_millibits, sum(o.clients_in_clusters) as clients_in_clusters,
        sum(o.links) as links, sum(o.doubtful_links) as doubtful_links, sum(o.pairs_together) as pairs_together,
        sum(o.right_ppm) as right_ppm, sum(o.missed_ppm) as missed_ppm,
        sum(o.right_variance_ppm) as right_variance_ppm, sum(o.missed_variance_ppm) as missed_variance_ppm
    from work.client_groups as g
    inner join own as o on g.group_number = o.group_number
    group by
        grouping sets (
            (), (g.agency), (g.race_ethnicity), (g.sex), (g.age_band), (g.housing_status), (g.ssn)
        )
),

agencies as (
    select cut_value as agency, clients, linkable_clients from by_value where cut_code = 'agency'
),

agency_pairs as (
    select
        one.agency || '+' || other.agency as agency_pair,
        one.clients + other.clients as clients,
        one.linkable_clients + other.linkable_clients as linkable_clients
    from agencies as one
    inner join agencies as other on one.agency < other.agency
),

pair_figures as (
    select
        least(g.agency, f.other_agency) || '+' || greatest(g.agency, f.other_agency) as agency_pair,
        sum(f.linked_clients)::bigint as linked_clients,
        sum(f.confidence_millibits) as confidence_millibits, sum(f.clients_in_clusters) as clients_in_clusters,
        sum(f.links) as links, sum(f.doubtful_links) as doubtful_links, sum(f.pairs_together) as pairs_together,
        sum(f.right_ppm) as right_ppm, sum(f.missed_ppm) as missed_ppm,
        sum(f.right_variance_ppm) as right_variance_ppm, sum(f.missed_variance_ppm) as missed_variance_ppm
    from work.group_figures as f
    inner join work.client_groups as g on f.group_number = g.group_number and f.other_agency <> g.agency
    group by agency_pair
),

by_pair as (
    select
        'agency_pair' as cut_code, p.agency_pair as cut_value, p.clients, p.linkable_clients,
        coalesce(a.linked_clients, 0) as linked_clients, a.confidence_millibits, a.clients_in_clusters,
        a.links, a.doubtful_links, a.pairs_together, a.right_ppm, a.missed_ppm,
        a.right_variance_ppm, a.missed_variance_ppm
    from agency_pairs as p
    left join pair_figures as a on p.agency_pair = a.agency_pair
)

select * from by_value
union all by name
select * from by_pair
order by cut_code, cut_value
