-- grain: an HMIS enrolment of any project type
-- inputs: current.hmis_enrollment, current.hmis_exit, current.hmis_project
with
heads as (
    select HouseholdID as household_id, ProjectID as project_id, min(MoveInDate) as move_in_on
    from current.hmis_enrollment
    where RelationshipToHoH = 1 and MoveInDate is not null
    group by all
)

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
    -- HMIS records the move-in on the head; a member moves in with the head, or on entry when that is later
    coalesce(
        e.MoveInDate, case when h.move_in_on is not null then greatest(h.move_in_on, e.EntryDate) end
    ) as move_in_on,
    x.ExitDate as exit_on,
    x.Destination::integer as destination_code,
    e._delivery_id,
    e._line_number
from current.hmis_enrollment as e
left join current.hmis_project as p on e.ProjectID = p.ProjectID
left join current.hmis_exit as x on e.EnrollmentID = x.EnrollmentID
left join heads as h on e.HouseholdID = h.household_id and e.ProjectID = h.project_id
order by e.EnrollmentID
