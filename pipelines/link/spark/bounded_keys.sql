-- Grain: one row per identity and blocking rule, its block refined as far as its rule goes.
-- Inputs: block_keys.
-- A block that still holds more than :last_block_factor times its rule's limit says nothing about who someone is.
select
    identity_id, rule,
    case when count(*) over (partition by rule, key) <= :last_block_factor * max_block then key end as key
from block_keys
where key is not null
