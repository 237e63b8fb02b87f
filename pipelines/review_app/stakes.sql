-- grain: a person of whom a measure tells: dollars that rest on their rows, and rows that no contract pays for
-- inputs: outcomes.person_measures, terms.clauses, work.unit_prices
-- A row that earned several units has them all at stake; one that earned none has the one that it missed.
with
paid as (
    select
        m.person_id,
        sum(u.unit_usd * greatest(m.numerator, 1)) as paid_usd
    from outcomes.person_measures as m
    inner join terms.clauses as t
        on
            m.measure_id = t.measure_id
            and (t.program_code is null or m.program_code = t.program_code)
            and m.index_on between t.starts_on and t.ends_on
    inner join work.unit_prices as u on t.contract_id = u.contract_id and t.clause_id = u.clause_id
    where m.status_code in ('met', 'not_met', 'censored')
    group by m.person_id
),

told as (
    select
        person_id,
        count(*) as measure_rows
    from outcomes.person_measures
    where status_code in ('met', 'not_met', 'censored')
    group by person_id
)

select
    told.person_id,
    coalesce(paid.paid_usd, 0) as paid_usd,
    told.measure_rows
from told
left join paid using (person_id)
