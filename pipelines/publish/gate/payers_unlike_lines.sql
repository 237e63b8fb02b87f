-- grain: one row; how many statement lines are not the sum of what their payers owe
-- inputs: contracts.statement_lines, contracts.statement_line_payers
with
paid as (
    select
        line_id,
        sum(amount_usd) as amount_usd
    from contracts.statement_line_payers
    group by line_id
)

select count(*) as faults
from contracts.statement_lines as l
left join paid as p on l.line_id = p.line_id
where l.amount_usd <> coalesce(p.amount_usd, 0)
