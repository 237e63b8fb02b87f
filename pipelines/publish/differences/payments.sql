-- grain: what a clause pays for a period (or the whole time), where it is not the same in both releases
-- inputs: before.contract_statements, after.contract_statements
select
    coalesce(a.contract_id, b.contract_id) as contract_id,
    coalesce(a.clause_id, b.clause_id) as clause_id,
    coalesce(a.period, b.period) as period,
    b.persons as persons_before,
    a.persons as persons_after,
    b.amount_usd as amount_usd_before,
    a.amount_usd as amount_usd_after
from before.contract_statements as b
full join after.contract_statements as a
    on
        b.contract_id = a.contract_id
        and b.clause_id = a.clause_id
        and b.unit = a.unit
        and b.period is not distinct from a.period
where b.persons is distinct from a.persons or b.amount_usd is distinct from a.amount_usd
order by 1, 2, 3 nulls first
