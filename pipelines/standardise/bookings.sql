-- grain: a booking of the Sheriff, with what its charges and its release say
-- inputs: current.sheriff_booking, current.sheriff_charge, current.sheriff_release, code_sets.booking_types,
--         code_sets.charge_classes
with
charges as (
    select
        c.booking_number,
        bool_or(k.is_felony) as is_felony,
        bool_and(k.is_violation) as is_violation_only,
        min(c.offense_on) as earliest_offense_on,
        max(c.offense_on) as latest_offense_on
    from current.sheriff_charge as c
    inner join code_sets.charge_classes as k using (charge_class_code)
    group by c.booking_number
)

select
    client_key('sheriff', b.main_number) as client_key,
    'sheriff' as agency,
    'booking' as source_table,
    b.booking_number,
    b.booked_at,
    r.released_at,
    r.release_reason_code,
    b.booking_type_code,
    coalesce(c.is_felony, false) as is_felony,
    -- a booking without charges is as technical as its type says
    coalesce(c.is_violation_only, t.is_violation, false) as is_technical,
    c.earliest_offense_on,
    c.latest_offense_on,
    b.facility_code,
    b._delivery_id,
    b._line_number
from current.sheriff_booking as b
left join current.sheriff_release as r using (booking_number)
left join charges as c using (booking_number)
left join code_sets.booking_types as t using (booking_type_code)
order by b.booking_number
