-- grain: a row of a delivery that an episode was made from
-- inputs: members.custody_bookings, members.tenancy_spells, members.psychiatric_emergency_contacts,
--         members.inpatient_stays, members.partnership_enrollments, standard.homeless_enrollments,
--         person_index.person_of_client
-- Ordered by kind, episode and source. Two letters tell kinds apart, and ids of a kind differ in their last 16: texts
-- that begin alike are dear to sort, and these are the most rows of the zone.
with
enrollments as (
    select
        'enrollment-' || left(
            md5(min(h.enrollment_id) over (
                partition by p.person_id, h.project_id, h.project_type_code, h.entry_on
            )),
            16
        ) as episode_id,
        h.*
    from standard.homeless_enrollments as h
    inner join person_index.person_of_client as p using (client_key)
),

sources as (
    select 'custody' as episode_kind, episode_id, agency, source_table, source_key, _delivery_id, _line_number
    from members.custody_bookings
    union all
    select 'tenancy', episode_id, agency, source_table, source_key, _delivery_id, _line_number
    from members.tenancy_spells
    union all
    select 'psychiatric_emergency', episode_id, agency, source_table, source_key, _delivery_id, _line_number
    from members.psychiatric_emergency_contacts
    union all
    select 'inpatient', episode_id, agency, source_table, source_key, _delivery_id, _line_number
    from members.inpatient_stays
    union all
    select 'partnership', episode_id, agency, source_table, source_key, _delivery_id, _line_number
    from members.partnership_enrollments
    union all
    select 'homelessness', episode_id, agency, source_table, enrollment_id, _delivery_id, _line_number
    from enrollments
)

select *
from sources
order by left(episode_kind, 2) || right(episode_id, 16), agency, source_table, source_key
