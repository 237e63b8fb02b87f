-- grain: an HMIS enrolment of any project type
-- inputs: current.hmis_enrollment, current.hmis_exit, current.hmis_project
select
    client_key('hmis', e.PersonalID) as client_key,
    'hmis' as agency,
    'enrollment' as source_table,
    e.EnrollmentID as enrollment_id,
    e.ProjectID as project_id,
    p.ProjectType::integer as project_type_code,
    e.HouseholdID as household_id,
    coalesce(e.RelationshipToHoH = 1, false) as is_head,
    e.EntryDate as entry_on,
    e.MoveInDate as move_in_on,
    x.ExitDate as exit_on,
    x.Destination::integer as destination_code,
    e._delivery_id,
    e._line_number
from current.hmis_enrollment as e
left join current.hmis_project as p on e.ProjectID = p.ProjectID
left join current.hmis_exit as x on e.EnrollmentID = x.EnrollmentID
order by e.EnrollmentID
