-- grain: a booking of a person, with the custody episode it is part of
-- inputs: standard.bookings, person_index.person_of_client, code_sets.release_reasons, code_sets.booking_types
-- Rows are put in order by what tells episodes alone; the rest of a booking is looked up by its number afterwards.
with
dated as (
    select
        p.person_id,
        b.booking_number,
        b.booked_at,
        coalesce(k.is_transfer, false) as is_transfer,
        -- who is booked again has left: a release that was never recorded is at the latest then
        coalesce(b.released_at, lead(b.booked_at) over person) as left_at
    from standard.bookings as b
    inner join person_index.person_of_client as p using (client_key)
    left join code_sets.release_reasons as k using (release_reason_code)
    window person as (partition by p.person_id order by b.booked_at, b.booking_number)
),

reaching as (
    select
        * exclude (is_transfer),
        case
            when left_at is null then date '9999-12-31'
            else left_at::date + case when is_transfer then $transfer_gap_days::integer else $max_gap_days::integer end
        end as joins_until_on
    from dated
),

reached as (
    select
        * exclude (joins_until_on),
        max(joins_until_on) over (
            partition by person_id order by booked_at, booking_number
            rows between unbounded preceding and 1 preceding
        ) as reached_on
    from reaching
),

numbered as (
    select
        person_id,
        booking_number,
        left_at,
        count(*) filter (where reached_on is null or booked_at::date > reached_on) over (
            partition by person_id order by booked_at, booking_number
            rows between unbounded preceding and current row
        ) as episode_number
    from reached
),

named as (
    select
        person_id,
        booking_number,
        left_at,
        min(booking_number) over episode as first_booking_number,
        count(*) over episode as booking_count
    from numbered
    window episode as (partition by person_id, episode_number)
)

select
    'custody-' || left(md5(n.first_booking_number), 16) as episode_id,
    n.person_id,
    b.agency,
    b.source_table,
    b.booking_number as source_key,
    b.booked_at,
    b.released_at,
    n.left_at,
    n.booking_count,
    b.booking_type_code,
    b.release_reason_code,
    coalesce(k.is_community_release, false) as is_community_release,
    coalesce(k.is_citation, false) as is_citation,
    coalesce(t.is_court_return, false) as is_court_return,
    coalesce(t.is_other_agency_hold, false) as is_other_agency_hold,
    coalesce(t.is_warrant, false) as is_warrant,
    b.is_felony,
    b.is_technical,
    b.earliest_offense_on,
    b.latest_offense_on,
    b._delivery_id,
    b._line_number
from named as n
inner join standard.bookings as b using (booking_number)
left join code_sets.release_reasons as k using (release_reason_code)
left join code_sets.booking_types as t using (booking_type_code)
