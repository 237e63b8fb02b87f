-- grain: a contract and a period
-- inputs: contracts.statement_lines
select contract_id, period, count(*) as line_count, sum(amount_usd)::decimal(18, 2) as amount_usd
from contracts.statement_lines
group by contract_id, period
order by contract_id, period
