-- Grain: measure × person × index date or period, under the person key.
-- Inputs: outcomes.person_measures, publish.person_keys
select
    person_measures.measure_id,
    person_measures.definition_version,
    person_keys.person_key,
    person_measures.provider_id,
    person_measures.program_code,
    person_measures.period,
    person_measures.index_on,
    person_measures.window_end_on,
    person_measures.status_code,
    person_measures.numerator,
    person_measures.person_time,
    person_measures.flags
from outcomes.person_measures
inner join publish.person_keys using (person_id)
