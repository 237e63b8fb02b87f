-- grain: clause × distinct (units, time) of a person under its measure; only measures that count units over time
-- inputs: outcomes.person_measures, terms.clauses
with persons as (
    select c.clause_id, m.person_id, sum(m.numerator) as units, round(sum(m.person_time), 6) as person_time
    from terms.clauses as c
    inner join outcomes.person_measures as m
        on c.measure_id = m.measure_id and (c.program_code is null or c.program_code = m.program_code)
    where m.status_code in ('met', 'not_met', 'censored') and m.person_time > 0
    group by c.clause_id, m.person_id
)

select clause_id, units, person_time, count(*)::double as persons
from persons
group by clause_id, units, person_time
order by clause_id, units, person_time
