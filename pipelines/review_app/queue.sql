-- grain: a pair of clients worth a look, the one worth most first (`queue.py` tells the formula)
-- inputs: work.spoken_pairs, work.held_pairs, work.stakes
with
doubted as (
    select
        pairs.*,
        case
            when pairs.is_together
                then 1 / (1 + pow(2, least(greatest(pairs.match_weight, coalesce(held.held_weight, -60)), 60)))
            else least($most_chance_wrong_apart, 1 / (1 + pow(2, least(-pairs.match_weight, 60))))
        end as chance_wrong
    from work.spoken_pairs as pairs
    left join work.held_pairs as held using (client_key_l, client_key_r)
),

staked as (
    select
        doubted.*,
        coalesce(one.paid_usd, 0) + case when is_together then 0 else coalesce(other.paid_usd, 0) end as paid_usd,
        coalesce(one.measure_rows, 0)
        + case when is_together then 0 else coalesce(other.measure_rows, 0) end as measure_rows
    from doubted
    left join work.stakes as one on doubted.person_id_l = one.person_id
    left join work.stakes as other on doubted.person_id_r = other.person_id
    where chance_wrong >= $least_chance_wrong
)

select
    agency_l,
    client_id_l,
    agency_r,
    client_id_r,
    match_weight,
    match_key,
    guard,
    identity_id_l,
    identity_id_r,
    is_together,
    chance_wrong,
    greatest($least_stake_usd, paid_usd + measure_rows * $measure_row_usd) as stake_usd,
    chance_wrong * greatest($least_stake_usd, paid_usd + measure_rows * $measure_row_usd) as value_usd
from staked
order by value_usd desc, chance_wrong desc, client_key_l, client_key_r
limit $most_pairs
