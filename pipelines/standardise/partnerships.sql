-- grain: a Full Service Partnership enrolment with one provider
-- inputs: current.mental_health_fsp_enrollment
select
    client_key('mental_health', e.client_id) as client_key,
    'mental_health' as agency,
    'fsp_enrollment' as source_table,
    e.enrollment_id,
    e.provider_id,
    e.age_group_code,
    e.partnership_started_on as started_on,
    e.partnership_ended_on as ended_on,
    e.discontinuation_reason_code,
    coalesce(e.focal_homeless_flag = 'Y', false) as focal_homeless,
    coalesce(e.focal_justice_flag = 'Y', false) as focal_justice,
    coalesce(e.focal_crisis_flag = 'Y', false) as focal_crisis,
    e._delivery_id,
    e._line_number
from current.mental_health_fsp_enrollment as e
where e.partnership_started_on is not null
order by e.enrollment_id
