-- grain: pair of clients that was scored, by its best pair of identities
-- inputs: linked.links, linked.clusters, standard.clients; $loose_weight, $doubtful_below (bits)
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

placed as (
    select
        b.*, a.cluster_id, a.cluster_id = z.cluster_id as is_together, 1 / (1 + pow(2, -b.match_weight)) as p
    from best as b
    inner join linked.clusters as a on b.l = a.client_key
    inner join linked.clusters as z on b.r = z.client_key
),

ends as (
    select cluster_id, l as client_key, r as other_key, p from placed where is_together
    union all
    select cluster_id, r, l, p from placed where is_together
),

roundabout as (
    select p.l, p.r, max(one.p * other.p) as p
    from placed as p
    inner join ends as one on p.l = one.client_key
    inner join ends as other on p.r = other.client_key and one.other_key = other.other_key
    where p.is_together and p.p < 0.99 -- beyond that a way round adds nothing
    group by p.l, p.r
)

select
    p.l as client_key_l, p.r as client_key_r, cl.agency as agency_l, cr.agency as agency_r,
    p.match_weight, p.is_forbidden, p.is_together,
    p.match_weight >= $loose_weight and p.match_weight < $doubtful_below as is_doubtful,
    round(1000000 * greatest(p.p, coalesce(w.p, 0)))::bigint as probability_ppm
from placed as p
inner join standard.clients as cl on p.l = cl.client_key
inner join standard.clients as cr on p.r = cr.client_key
left join roundabout as w on p.l = w.l and p.r = w.r
