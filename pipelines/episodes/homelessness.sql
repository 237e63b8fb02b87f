-- grain: an HMIS enrolment of a person: one for each project and entry date, however often it was entered
-- inputs: standard.homeless_enrollments, person_index.person_of_client, code_sets.hud_project_types
select
    'enrollment-' || left(md5(min(h.enrollment_id)), 16) as episode_id,
    p.person_id,
    h.project_id,
    h.project_type_code,
    any_value(t.project_group_code) as project_group_code,
    h.entry_on,
    min(h.move_in_on) as move_in_on,
    -- a duplicate that was left open is closed by the one that was not
    max(h.exit_on) as exit_on,
    last(h.destination_code order by h.exit_on nulls first, h.enrollment_id) as destination_code,
    bool_or(h.is_head) as is_head,
    count(*) as source_count
from standard.homeless_enrollments as h
inner join person_index.person_of_client as p using (client_key)
left join code_sets.hud_project_types as t on h.project_type_code::varchar = t.project_type_code
group by p.person_id, h.project_id, h.project_type_code, h.entry_on
order by episode_id
