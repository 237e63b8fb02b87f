-- grain: a clause of an outcomes contract that paid for something: dollars a unit, before caps
-- inputs: contracts.payments_by_threshold
select
    contract_id,
    clause_id,
    (earned_usd / quantity)::double as unit_usd
from contracts.payments_by_threshold
where scenario_code = 'base' and quantity > 0
