-- grain: a contact that one agency recorded and that counts as a psychiatric emergency, before agencies are merged
-- inputs: current.health_encounter, current.health_encounter_diagnosis, current.mental_health_crisis_encounter,
--         current.mental_health_service, code_sets.emergency_revenue_codes, code_sets.mental_illness_diagnoses,
--         code_sets.self_harm_diagnoses, code_sets.crisis_stabilization_services
with
emergencies as (
    select e.*, e.encounter_type_code in ('ED', 'PES') as is_emergency_visit
    from current.health_encounter as e
    where
        e.encounter_type_code in ('ED', 'PES')
        or list_has_any(
            string_split(coalesce(e.revenue_codes, ''), '|'),
            (select list(c.revenue_code) from code_sets.emergency_revenue_codes as c)
        )
),

first_diagnoses as (
    select d.encounter_id, d.diagnosis_code
    from current.health_encounter_diagnosis as d
    semi join emergencies as e on d.encounter_id = e.encounter_id and e.principal_diagnosis_code is null
    where d.sequence_number = 1
),

diagnosed as (
    select e.*, coalesce(e.principal_diagnosis_code, f.diagnosis_code) as diagnosis_code
    from emergencies as e
    left join first_diagnoses as f on e.encounter_id = f.encounter_id
),

psychiatric_diagnoses as (
    select d.diagnosis_code
    from (select distinct diagnosis_code from diagnosed) as d
    where
        exists (from code_sets.mental_illness_diagnoses as m where starts_with(d.diagnosis_code, m.icd10_prefix))
        or exists (from code_sets.self_harm_diagnoses as s where regexp_full_match(d.diagnosis_code, s.icd10_pattern))
),

health as (
    select
        client_key('health', e.mrn) as client_key,
        'health' as agency,
        'encounter' as source_table,
        e.encounter_id as contact_id,
        e.admitted_at as started_at,
        -- of an admission through the emergency department only the arrival is known, not when the emergency ended
        case when e.is_emergency_visit then e.discharged_at else e.admitted_at end as ended_at,
        case when e.encounter_type_code = 'PES' then 'health_pes' else 'health_ed_psychiatric' end as rule_code,
        e._delivery_id,
        e._line_number
    from diagnosed as e
    where e.encounter_type_code = 'PES' or e.diagnosis_code in (select p.diagnosis_code from psychiatric_diagnoses as p)
),

crisis as (
    select
        client_key('mental_health', c.client_id) as client_key,
        'mental_health' as agency,
        'crisis_encounter' as source_table,
        c.crisis_id as contact_id,
        c.arrived_at as started_at,
        c.departed_at as ended_at,
        k.rule_code,
        c._delivery_id,
        c._line_number
    from current.mental_health_crisis_encounter as c
    inner join code_sets.crisis_stabilization_services as k
        on
            c.mode_code = k.mode_code
            and c.service_function_code between k.service_function_from and k.service_function_to
),

services as (
    select
        client_key('mental_health', s.client_id) as client_key,
        'mental_health' as agency,
        'service' as source_table,
        s.service_id as contact_id,
        -- a service has a day and no hour: midnight is within 24 hours of every visit of that day
        s.served_on::timestamp as started_at,
        s.served_on::timestamp as ended_at,
        k.rule_code,
        s._delivery_id,
        s._line_number
    from current.mental_health_service as s
    inner join code_sets.crisis_stabilization_services as k
        on
            s.mode_code = k.mode_code
            and s.service_function_code between k.service_function_from and k.service_function_to
)

from health
union all
from crisis
union all
from services
order by agency, source_table, contact_id
