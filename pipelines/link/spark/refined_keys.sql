-- Grain: one row per identity and blocking rule that still speaks of it.
-- Inputs: block_keys (identity_id, rule, max_block: the rule's limit, levels: its key at each level of refinement, key:
-- the one in force).
-- A block of more than max_block identities takes the key of level :level, if its rule has one.
select
    identity_id, rule, max_block, levels,
    case
        when size(levels) > :level and count(*) over (partition by rule, key) > max_block then get(levels, :level)
        else key
    end as key
from block_keys
where key is not null
