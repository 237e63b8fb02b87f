-- Grain: one row per pair of clients, for all pairs of their identities: the best of them speaks, weight and guard.
-- Inputs: linkage.judged_pairs; $final: names of the guards that no other client can overrule.
-- Who speaks matters only where pairs of identities are told apart by their guards, which is rare.
with judged as (
    select
        least(client_key_l, client_key_r) as one,
        greatest(client_key_l, client_key_r) as other,
        match_weight,
        identity_id_l,
        identity_id_r,
        case when guard is null then 0 when list_contains($final, guard) then 2 else 1 end::tinyint as guard_rank
    from linkage.judged_pairs
),

met as (
    select one, other, max(match_weight) as weight, min(guard_rank) as least_rank, max(guard_rank) as guard_rank
    from judged
    group by one, other
),

best as (
    select one, other, arg_max(guard_rank, (match_weight, identity_id_l, identity_id_r)) as guard_rank
    from judged
    where (one, other) in (select (one, other) from met where least_rank < guard_rank)
    group by one, other
)

select
    m.one, m.other, m.weight,
    coalesce(b.guard_rank, m.guard_rank) > 0 as is_forbidden,
    coalesce(b.guard_rank, m.guard_rank) = 2 as is_final
from met as m
left join best as b on m.one = b.one and m.other = b.other
order by m.one, m.other
