-- grain: contract × clause (and `all`) × person that the clause looks at in the contract's term, whatever came of it;
--        and measure × person
-- inputs: outcomes.person_measures, contracts.statement_lines, terms.clauses
-- paid_usd: what was stated for the person so far; clauses that pay a provider's quarter pay for nobody by name.
with looked_at as (
    select distinct c.contract_id, c.clause_id, m.person_id
    from terms.clauses as c
    inner join outcomes.person_measures as m
        on
            c.measure_id = m.measure_id
            and (c.program_code is null or c.program_code = m.program_code)
            and m.index_on between c.starts_on and c.ends_on
),

paid as (
    select contract_id, clause_id, person_id, sum(amount_usd) as paid_usd
    from contracts.statement_lines
    where person_id is not null
    group by contract_id, clause_id, person_id
),

clauses as (
    select l.contract_id, l.clause_id, l.person_id, coalesce(p.paid_usd, 0) as paid_usd
    from looked_at as l
    left join paid as p using (contract_id, clause_id, person_id)
)

select 'contract' as kind, contract_id as code, clause_id as part, person_id, paid_usd::double as paid_usd
from clauses
union all
select 'contract', contract_id, 'all', person_id, sum(paid_usd)::double from clauses group by contract_id, person_id
union all
select distinct 'measure', measure_id, 'all', person_id, 0 from outcomes.person_measures
