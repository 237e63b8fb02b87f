-- grain: pair of clients that is together in one of two partitions and not in the other
-- inputs: work.before, work.now (client_key, person_id), standard.clients, linked.links (the scores before),
--         work.links_now (the scores of the new model)
-- A weight is null where the pair was not scored at or above the loose weight, nor in one component.
with members as (
    select 'before' as side, client_key, person_id from work.before
    union all
    select 'now', client_key, person_id from work.now
),

pairs as (
    select one.side, one.client_key as l, other.client_key as r
    from members as one
    inner join members as other
        on one.side = other.side and one.person_id = other.person_id and one.client_key < other.client_key
),

changed as (
    select l, r, any_value(side) = 'now' as is_together_now from pairs group by l, r having count(*) = 1
),

scores_before as (
    select
        least(client_key_l, client_key_r) as l, greatest(client_key_l, client_key_r) as r, max(match_weight) as weight
    from linked.links group by l, r
),

scores_now as (
    select
        least(client_key_l, client_key_r) as l, greatest(client_key_l, client_key_r) as r, max(match_weight) as weight,
        arg_max(guard, (match_weight, identity_id_l, identity_id_r)) as guard
    from work.links_now group by l, r
)

select
    c.l as client_key_l, c.r as client_key_r, c.is_together_now,
    least(cl.agency, cr.agency) || '+' || greatest(cl.agency, cr.agency) as agency_pair,
    b.weight as weight_before, n.weight as weight_now, n.guard
from changed as c
inner join standard.clients as cl on c.l = cl.client_key
inner join standard.clients as cr on c.r = cr.client_key
left join scores_before as b on c.l = b.l and c.r = b.r
left join scores_now as n on c.l = n.l and c.r = n.r
order by client_key_l, client_key_r
