-- grain: line × payer whose amount is not what was stated before
-- inputs: contracts.statement_lines, contracts.statement_line_payers, frozen.line_payers, due.lines
with
current_payers as (
    select
        p.line_id,
        p.payer_id,
        p.amount_usd
    from contracts.statement_line_payers as p
    inner join contracts.statement_lines as c on p.line_id = c.line_id
    where c.contract_id = $contract_id
),

stated_payers as (
    select
        line_id,
        payer_id,
        sum(amount_usd) as amount_usd
    from frozen.line_payers
    group by line_id, payer_id
),

compared as (
    select
        coalesce(c.line_id, s.line_id) as line_id,
        coalesce(c.payer_id, s.payer_id) as payer_id,
        (coalesce(c.amount_usd, 0) - coalesce(s.amount_usd, 0))::decimal(18, 2) as amount_usd
    from current_payers as c
    full outer join stated_payers as s on c.line_id = s.line_id and c.payer_id = s.payer_id
)

select p.*
from compared as p
inner join due.lines as d on p.line_id = d.line_id
where p.amount_usd <> 0
order by p.line_id, p.payer_id
