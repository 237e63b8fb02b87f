-- grain: an enrolment in a Full Service Partnership as it was sent
select
    1 + i * 46 as client_key,
    'mental_health' as agency,
    'fsp_enrollment' as source_table,
    'enrollment-' || i as enrollment_id,
    (7001 + chance(i, 34, 196))::varchar as provider_id
from range(1, members() + 1) as t (i)
