-- grain: a pair of one person whose own weight is doubtful: how well the two hang together over a third client
-- inputs: work.spoken_pairs
-- A chain is as strong as its weaker end; of several chains the best counts.
with
ends as (
    select client_key_l as client_key, client_key_r as via_key, match_weight from work.spoken_pairs where is_together
    union all
    select client_key_r, client_key_l, match_weight from work.spoken_pairs where is_together
)

select
    pairs.client_key_l,
    pairs.client_key_r,
    max(least(one.match_weight, other.match_weight)) as held_weight
from work.spoken_pairs as pairs
inner join ends as one on pairs.client_key_l = one.client_key
inner join ends as other on pairs.client_key_r = other.client_key and one.via_key = other.via_key
where pairs.is_together and pairs.match_weight < $settled_weight
group by pairs.client_key_l, pairs.client_key_r
