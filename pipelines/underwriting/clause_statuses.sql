-- grain: clause that one of our measures decides: what became of the persons whom the lake knows, whatever the term
-- inputs: outcomes.person_measures, terms.clauses
select
    c.clause_id,
    c.measure_id,
    count_if(m.status_code in ('met', 'not_met'))::bigint as n,
    count_if(m.status_code = 'met')::bigint as numerator,
    count_if(m.status_code = 'censored')::bigint as censored,
    count_if(m.status_code = 'immature')::bigint as immature,
    count_if(m.status_code = 'unknown')::bigint as unknown,
    count_if(m.status_code = 'excluded')::bigint as excluded
from terms.clauses as c
left join outcomes.person_measures as m
    on c.measure_id = m.measure_id and (c.program_code is null or c.program_code = m.program_code)
group by c.clause_id, c.measure_id
order by c.clause_id
