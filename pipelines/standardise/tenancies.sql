-- grain: a tenancy: a unit of the Flexible Housing Subsidy Pool, or an HMIS enrolment in permanent housing with a place
-- inputs: current.fhsp_tenancy, current.hmis_enrollment, current.hmis_exit, current.hmis_project, current.hmis_funder,
--         code_sets.move_out_reasons, code_sets.hud_destinations, code_sets.hud_project_types,
--         code_sets.hud_program_funders, code_sets.housing_programs
with
projects as (
    select
        p.ProjectID as project_id,
        p.OrganizationID as provider_id,
        p.ProjectType as project_type_code,
        -- a project that several programmes fund belongs to the one with the lowest rank
        coalesce(min_by(h.program_code, h.program_rank), any_value(t.tenancy_program_code)) as program_code
    from current.hmis_project as p
    inner join code_sets.hud_project_types as t on p.ProjectType::varchar = t.project_type_code and t.is_tenancy
    left join current.hmis_funder as f on p.ProjectID = f.ProjectID
    left join code_sets.hud_program_funders as m on f.Funder::varchar = m.funder_code
    left join code_sets.housing_programs as h on m.program_code = h.program_code
    group by all
),

heads as (
    select HouseholdID as household_id, ProjectID as project_id, min(MoveInDate) as move_in_on
    from current.hmis_enrollment
    where RelationshipToHoH = 1 and MoveInDate is not null
    group by all
),

enrollments as (
    select
        e.*,
        p.*,
        x.ExitDate as exit_on,
        x.Destination as destination_code,
        -- HMIS records the move-in on the head; a member moves in with the head, or on entry when that is later
        coalesce(
            e.MoveInDate, case when h.move_in_on is not null then greatest(h.move_in_on, e.EntryDate) end
        ) as move_in_on
    from current.hmis_enrollment as e
    inner join projects as p on e.ProjectID = p.project_id
    left join current.hmis_exit as x on e.EnrollmentID = x.EnrollmentID
    left join heads as h on e.HouseholdID = h.household_id and e.ProjectID = h.project_id
),

pool as (
    select
        client_key('fhsp', t.client_id) as client_key,
        'fhsp' as agency,
        'tenancy' as source_table,
        t.tenancy_id,
        t.program_code,
        t.provider_id,
        null::bigint as project_type_code,
        t.enrolled_on,
        t.moved_in_on as housed_from_on,
        t.moved_out_on as housed_to_on,
        case when t.moved_out_on is null then 'open' else coalesce(m.exit_kind, 'unknown') end as exit_kind,
        t._delivery_id,
        t._line_number
    from current.fhsp_tenancy as t
    left join code_sets.move_out_reasons as m using (move_out_reason_code)
),

hmis as (
    select
        client_key('hmis', e.PersonalID) as client_key,
        'hmis' as agency,
        'enrollment' as source_table,
        e.EnrollmentID as tenancy_id,
        e.program_code,
        e.provider_id,
        e.project_type_code,
        e.EntryDate as enrolled_on,
        -- HUD: a move-in outside the enrolment is no move-in
        case
            when e.move_in_on >= e.EntryDate and (e.exit_on is null or e.move_in_on <= e.exit_on) then e.move_in_on
        end as housed_from_on,
        e.exit_on as housed_to_on,
        case when e.exit_on is null then 'open' else coalesce(d.exit_kind, 'unknown') end as exit_kind,
        e._delivery_id,
        e._line_number
    from enrollments as e
    left join code_sets.hud_destinations as d on e.destination_code::varchar = d.destination_code
)

from pool
union all
from hmis
order by agency, tenancy_id
