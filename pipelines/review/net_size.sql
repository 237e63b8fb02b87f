-- Grain: one row: pairs of clients in the wide net, a pair counted once for each feature that it shares.
-- Inputs: review.net_features
with blocks as (
    select count(*)::bigint as clients from review.net_features group by feature, value
)

select coalesce(sum(clients * (clients - 1) // 2), 0)::bigint as pairs from blocks
