-- grain: a line of a statement as it was published, narrowed down to what is asked for, with the measure row that it
--        pays for where one can be told: same person, same index day, same period
-- inputs: release.statement_lines, asked.persons, asked.clause_measures, release.person_measures
select
    l.person_key,
    p.person_id,
    c.measure_id,
    m.definition_version,
    l.provider_id,
    m.program_code,
    l.period,
    l.index_on,
    m.window_end_on,
    m.status_code,
    l.quantity as numerator,
    m.person_time,
    l.amount_usd
from release.statement_lines as l
left join asked.persons as p on l.person_key = p.person_key
left join asked.clause_measures as c on l.contract_id = c.contract_id and l.clause_id = c.clause_id
left join (
    select person_key, measure_id, index_on, any_value(definition_version) as definition_version,
        any_value(program_code) as program_code, max(window_end_on) as window_end_on,
        any_value(status_code) as status_code, sum(person_time) as person_time
    from release.person_measures
    group by person_key, measure_id, index_on
) as m
    on l.person_key = m.person_key and c.measure_id = m.measure_id and l.index_on = m.index_on
where
    l.contract_id = $contract_id
    and l.clause_id = $clause_id
    and ($provider_id is null or l.provider_id = $provider_id)
    and ($period is null or l.period = $period)
    and ($person_key is null or l.person_key = $person_key)
order by l.person_key, l.index_on, l.period
