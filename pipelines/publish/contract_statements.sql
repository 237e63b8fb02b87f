-- Grain: contract × clause × unit × period, and the whole time (period null), before disclosure control.
-- Inputs: contracts.statement_lines
select
    contract_id,
    clause_id,
    period,
    count(*) as lines,
    count(distinct person_id) as persons,
    sum(quantity) as quantity,
    unit,
    sum(amount_usd) as amount_usd,
    false as suppressed
from contracts.statement_lines
group by grouping sets ((contract_id, clause_id, unit, period), (contract_id, clause_id, unit))
