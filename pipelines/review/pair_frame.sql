-- Grain: pair of clients that a sample can hold: every pair put together, scored or not, and every other pair at or
--        above $floor_weight bits that a blocking rule met or a component held, or that only the wide net held.
-- Inputs: linkage.links (candidates, scored down to the floor), linked.links, linkage.net_links, review.frame_clients
with scored as (
    select client_key_l, client_key_r, match_weight, guard, true as is_met from linkage.links
    union all
    select client_key_l, client_key_r, match_weight, guard, true from linked.links
    union all
    select client_key_l, client_key_r, match_weight, guard, false from linkage.net_links
),

best as (
    select
        least(client_key_l, client_key_r) as client_key_l, greatest(client_key_l, client_key_r) as client_key_r,
        max(match_weight) as match_weight,
        arg_max(guard is not null, (match_weight, guard is not null)) as is_forbidden,
        bool_or(is_met) as is_met
    from scored
    group by all
),

together as (
    select l.client_key as client_key_l, r.client_key as client_key_r
    from review.frame_clients as l
    inner join review.frame_clients as r on l.cluster_id = r.cluster_id and l.client_key < r.client_key
),

pairs as (
    select
        coalesce(together.client_key_l, best.client_key_l) as client_key_l,
        coalesce(together.client_key_r, best.client_key_r) as client_key_r,
        together.client_key_l is not null as is_linked,
        together.client_key_l is not null or best.is_met as is_met,
        best.match_weight,
        coalesce(best.is_forbidden, false) as is_forbidden
    from together
    full join best using (client_key_l, client_key_r)
    where together.client_key_l is not null or best.match_weight >= $floor_weight
)

select
    pairs.*,
    len(list_filter($edges, lambda edge: edge <= coalesce(pairs.match_weight, -1000)))::integer as band,
    l.has_ssn and r.has_ssn as has_ssn,
    l.agency as agency_l, l.client_id as client_id_l, r.agency as agency_r, r.client_id as client_id_r,
    least(l.agency, r.agency) || '+' || greatest(l.agency, r.agency) as agency_pair,
    case
        when l.ethnicity = r.ethnicity or r.ethnicity = 'unknown' then l.ethnicity
        when l.ethnicity = 'unknown' then r.ethnicity
        else 'said differently'
    end as ethnicity
from pairs
inner join review.frame_clients as l on pairs.client_key_l = l.client_key
inner join review.frame_clients as r on pairs.client_key_r = r.client_key
order by is_linked desc, is_met desc, band, has_ssn, client_key_l, client_key_r
