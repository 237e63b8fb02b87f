-- grain: changed pair of clients, at most $weighed of them, in an order by chance that is the same every time
-- inputs: work.changed_pairs, work.links_now, linked.links, standard.identities
-- Identities: those that scored best under either model; of a pair that neither scored, each client's first.
with scores as (
    select identity_id_l, identity_id_r, client_key_l, client_key_r, match_weight from work.links_now
    union all
    select identity_id_l, identity_id_r, client_key_l, client_key_r, match_weight from linked.links
),

best as (
    select
        least(client_key_l, client_key_r) as l, greatest(client_key_l, client_key_r) as r,
        arg_max(
            { 'l': identity_id_l, 'r': identity_id_r }, (match_weight, identity_id_l, identity_id_r)
        ) as identities
    from scores
    group by l, r
),

firsts as (
    select client_key, min(identity_id) as identity_id from standard.identities group by client_key
)

select
    row_number() over (
        order by hash(c.client_key_l, c.client_key_r), c.client_key_l, c.client_key_r
    ) as pair,
    c.*,
    coalesce(b.identities.l, l.identity_id) as identity_id_l,
    coalesce(b.identities.r, r.identity_id) as identity_id_r
from work.changed_pairs as c
left join best as b on c.client_key_l = b.l and c.client_key_r = b.r
left join firsts as l on c.client_key_l = l.client_key
left join firsts as r on c.client_key_r = r.client_key
qualify pair <= $weighed
