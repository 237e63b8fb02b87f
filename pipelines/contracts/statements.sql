-- grain: contract × period × payer; a period's payers sum to its lines, to the cent
-- inputs: contracts.statement_lines, contracts.statement_line_payers, terms.payers
with
lines as (
    select
        contract_id,
        period,
        count(*) as line_count
    from contracts.statement_lines
    group by contract_id, period
),

paid as (
    select
        l.contract_id,
        l.period,
        p.payer_id,
        sum(p.amount_usd) as amount_usd
    from contracts.statement_lines as l
    inner join contracts.statement_line_payers as p on l.line_id = p.line_id
    group by l.contract_id, l.period, p.payer_id
)

select
    t.contract_id,
    t.contract_version,
    t.title,
    l.period,
    t.payer_id,
    t.payer,
    t.funding_stream,
    t.share_percent,
    l.line_count,
    coalesce(p.amount_usd, 0)::decimal(18, 2) as amount_usd
from lines as l
inner join terms.payers as t on l.contract_id = t.contract_id
left join paid as p on l.contract_id = p.contract_id and l.period = p.period and t.payer_id = p.payer_id
order by t.contract_id, l.period, t.payer_position
