-- grain: a clause that counts rows: its lines beside the rows of the measure table that it should pay for
-- inputs: contracts.statement_lines, outcomes.person_measures, outcomes.measure_results, terms.clauses
with
lines as (
    select
        clause_id,
        count(*) as line_count
    from contracts.statement_lines
    where contract_id = $contract_id
    group by clause_id
),

persons as (
    select
        c.clause_id,
        count(*) as row_count
    from outcomes.person_measures as m
    inner join terms.clauses as c
        on
            m.measure_id = c.measure_id
            and m.index_on >= c.starts_on
            and m.index_on <= c.ends_on
    where
        c.contract_id = $contract_id
        and c.pays_per = 'person'
        and coalesce(m.program_code = c.program_code, c.program_code is null)
        and list_contains(
            case when c.pays_when is null then ['met', 'not_met', 'censored'] else [c.pays_when] end, m.status_code
        )
    group by c.clause_id
)

select
    c.clause_id,
    coalesce(l.line_count, 0) as line_count,
    coalesce(p.row_count, 0) as row_count
from terms.clauses as c
left join lines as l on c.clause_id = l.clause_id
left join persons as p on c.clause_id = p.clause_id
where c.contract_id = $contract_id and c.pays_per = 'person'
order by c.clause_id
