-- grain: a death as one record of one agency tells it; the episodes stage keeps one per person
-- inputs: current.mental_health_client, current.health_encounter, current.sheriff_booking, current.sheriff_release,
--         current.mental_health_fsp_enrollment, current.fhsp_tenancy, current.hmis_enrollment, current.hmis_exit,
--         code_sets.hospital_discharges, code_sets.release_reasons, code_sets.partnership_exits,
--         code_sets.move_out_reasons, code_sets.hud_destinations
with
told as (
    select
        'mental_health' as agency, c.client_id, 'client' as source_table, c.client_id as record_id,
        'client_record' as death_source_code, c.died_on, c._delivery_id, c._line_number
    from current.mental_health_client as c
    union all
    select
        'health', e.mrn, 'encounter', e.encounter_id,
        'hospital_discharge', e.discharged_at::date, e._delivery_id, e._line_number
    from current.health_encounter as e
    inner join code_sets.hospital_discharges as k on e.discharge_status_code = k.discharge_status_code and k.is_deceased
    union all
    select
        'sheriff', b.main_number, 'release', r.booking_number,
        'jail_release', r.released_at::date, r._delivery_id, r._line_number
    from current.sheriff_release as r
    inner join code_sets.release_reasons as k on r.release_reason_code = k.release_reason_code and k.is_death
    inner join current.sheriff_booking as b on r.booking_number = b.booking_number
    union all
    select
        'mental_health', p.client_id, 'fsp_enrollment', p.enrollment_id,
        'partnership_end', p.partnership_ended_on, p._delivery_id, p._line_number
    from current.mental_health_fsp_enrollment as p
    inner join code_sets.partnership_exits as k
        on p.discontinuation_reason_code = k.discontinuation_reason_code and k.is_deceased
    union all
    select
        'fhsp', t.client_id, 'tenancy', t.tenancy_id,
        'tenancy_end', t.moved_out_on, t._delivery_id, t._line_number
    from current.fhsp_tenancy as t
    inner join code_sets.move_out_reasons as k on t.move_out_reason_code = k.move_out_reason_code and k.is_deceased
    union all
    select
        'hmis', e.PersonalID, 'exit', x.ExitID,
        'hmis_exit', x.ExitDate, x._delivery_id, x._line_number
    from current.hmis_exit as x
    inner join code_sets.hud_destinations as k on x.Destination::varchar = k.destination_code and k.is_deceased
    inner join current.hmis_enrollment as e on x.EnrollmentID = e.EnrollmentID
)

select
    client_key(t.agency, t.client_id) as client_key,
    t.agency,
    t.source_table,
    t.record_id,
    t.death_source_code,
    t.died_on,
    t._delivery_id,
    t._line_number
from told as t
where t.died_on is not null
order by t.agency, t.source_table, t.record_id
