-- grain: a psychiatric or subacute stay that one agency recorded, before agencies and transfers are merged
-- inputs: current.mental_health_inpatient_stay, current.health_encounter, code_sets.inpatient_facility_classes,
--         code_sets.psychiatric_inpatient_revenue_codes
with
mental_health as (
    select
        client_key('mental_health', s.client_id) as client_key,
        'mental_health' as agency,
        'inpatient_stay' as source_table,
        s.stay_id,
        c.facility_class_code,
        s.admitted_on,
        s.discharged_on,
        s._delivery_id,
        s._line_number
    from current.mental_health_inpatient_stay as s
    inner join code_sets.inpatient_facility_classes as c using (facility_type_code)
),

health as (
    select
        client_key('health', e.mrn) as client_key,
        'health' as agency,
        'encounter' as source_table,
        e.encounter_id as stay_id,
        'acute_psychiatric' as facility_class_code,
        e.admitted_at::date as admitted_on,
        e.discharged_at::date as discharged_on,
        e._delivery_id,
        e._line_number
    from current.health_encounter as e
    where
        e.encounter_type_code = 'IP'
        and list_has_any(
            string_split(coalesce(e.revenue_codes, ''), '|'),
            (select list(c.revenue_code) from code_sets.psychiatric_inpatient_revenue_codes as c)
        )
)

from mental_health
union all
from health
order by agency, stay_id
