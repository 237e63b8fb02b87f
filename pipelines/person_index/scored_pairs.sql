-- grain: pair of clients that was scored, by its best pair of identities
-- inputs: linked.links, work.grouped_clients; $loose_weight, $doubtful_below (bits)
-- probability_ppm: the model's chance that the two are one person, in millionths, so that sums do not depend on order.
-- Of two clients in one cluster it is the better of their own score and the best way over a third: A is B and B is C.
with best as (
    select
        least(client_key_l, client_key_r) as l, greatest(client_key_l, client_key_r) as r,
        max(match_weight) as match_weight,
        arg_max(guard is not null, (match_weight, identity_id_l, identity_id_r)) as is_forbidden
    from linked.links
    group by l, r
),

-- made once: pairs are looked at, and ways over a third of the same
placed as materialized (
    select
        b.*, a.cluster_id, a.client_count, a.cluster_id = z.cluster_id as is_together,
        1 / (1 + pow(2, -b.match_weight)) as p,
        a.agency as agency_l, z.agency as agency_r, a.group_number as group_l, z.group_number as group_r
    from best as b
    inner join work.grouped_clients as a on b.l = a.client_key
    inner join work.grouped_clients as z on b.r = z.client_key
),

-- a third is there only in clusters of three and more
ends as (
    select l as client_key, r as other_key, p from placed where is_together and client_count > 2
    union all
    select r, l, p from placed where is_together and client_count > 2
),

roundabout as (
    select p.l, p.r, max(one.p * other.p) as p
    from placed as p
    inner join ends as one on p.l = one.client_key
    inner join ends as other on p.r = other.client_key and one.other_key = other.other_key
    where p.is_together and p.client_count > 2 and p.p < 0.99 -- beyond that a way round adds nothing
    group by p.l, p.r
)

select
    p.agency_l, p.agency_r, p.group_l, p.group_r,
    p.match_weight, p.is_forbidden, p.is_together,
    p.match_weight >= $loose_weight and p.match_weight < $doubtful_below as is_doubtful,
    round(1000000 * greatest(p.p, coalesce(w.p, 0)))::bigint as probability_ppm
from placed as p
left join roundabout as w on p.l = w.l and p.r = w.r
