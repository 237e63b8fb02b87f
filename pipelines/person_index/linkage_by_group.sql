-- grain: cut × value: counts and sums, before rates and intervals
-- inputs: person_index.client_attributes, standard.clients, linked.clusters, work.client_figures
with own as (
    select
        client_key, bool_or(is_linked) as is_linked,
        sum(links) as links, sum(doubtful_links) as doubtful_links, sum(pairs_together) as pairs_together,
        sum(right_ppm) as right_ppm, sum(missed_ppm) as missed_ppm,
        sum(right_variance_ppm) as right_variance_ppm, sum(missed_variance_ppm) as missed_variance_ppm
    from work.client_figures
    group by client_key
),

measured as (
    select
        a.*, c.is_linkable, coalesce(o.is_linked, false) as is_linked,
        round(1000 * k.confidence)::bigint as confidence_millibits, o.* exclude (client_key, is_linked)
    from person_index.client_attributes as a
    inner join standard.clients as c using (client_key)
    inner join linked.clusters as k using (client_key)
    left join own as o using (client_key)
),

by_value as (
    select
        case
            when not grouping(agency) then 'agency'
            when not grouping(race_ethnicity) then 'race_ethnicity'
            when not grouping(sex) then 'sex'
            when not grouping(age_band) then 'age_band'
            when not grouping(housing_status) then 'housing_status'
            when not grouping(ssn) then 'ssn'
            else 'all'
        end as cut_code,
        coalesce(agency, race_ethnicity, sex, age_band, housing_status, ssn, 'all') as cut_value,
        count(*) as clients, count_if(is_linkable)::bigint as linkable_clients,
        count_if(is_linked)::bigint as linked_clients,
        sum(confidence_millibits) as confidence_millibits, count(confidence_millibits) as clients_in_clusters,
        sum(links) as links, sum(doubtful_links) as doubtful_links, sum(pairs_together) as pairs_together,
        sum(right_ppm) as right_ppm, sum(missed_ppm) as missed_ppm,
        sum(right_variance_ppm) as right_variance_ppm, sum(missed_variance_ppm) as missed_variance_ppm
    from measured
    group by
        grouping sets ((), (agency), (race_ethnicity), (sex), (age_band), (housing_status), (ssn))
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
        least(m.agency, f.other_agency) || '+' || greatest(m.agency, f.other_agency) as agency_pair,
        count_if(f.is_linked)::bigint as linked_clients,
        sum(m.confidence_millibits) filter (where f.is_linked) as confidence_millibits,
        count(m.confidence_millibits) filter (where f.is_linked) as clients_in_clusters,
        sum(f.links) as links, sum(f.doubtful_links) as doubtful_links, sum(f.pairs_together) as pairs_together,
        sum(f.right_ppm) as right_ppm, sum(f.missed_ppm) as missed_ppm,
        sum(f.right_variance_ppm) as right_variance_ppm, sum(f.missed_variance_ppm) as missed_variance_ppm
    from work.client_figures as f
    inner join measured as m on f.client_key = m.client_key and f.other_agency <> m.agency
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
