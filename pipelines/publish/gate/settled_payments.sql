-- grain: what a clause pays for a period that both releases know, where it moved by more than the band allows
-- inputs: latest.contract_statements, candidate.contract_statements; $factor, $least_usd
select
    'contract_statements' as table_name,
    concat_ws(' · ', c.contract_id, c.clause_id, c.period) as place,
    'amount_usd' as figure,
    l.amount_usd::double as before,
    c.amount_usd::double as after
from candidate.contract_statements as c
inner join latest.contract_statements as l
    on c.contract_id = l.contract_id and c.clause_id = l.clause_id and c.unit = l.unit and c.period = l.period
where
    greatest(c.amount_usd, l.amount_usd) > $factor * least(c.amount_usd, l.amount_usd)
    and abs(c.amount_usd - l.amount_usd) >= $least_usd
order by place
