-- grain: a booking of a person, with the custody episode it is part of
-- inputs: standard.bookings, person_index.person_of_client, code_sets.release_reasons, code_sets.booking_types
with
dated as (
    select
        p.person_id,
        b.*,
        k.is_transfer,
        k.is_citation,
        k.is_community_release,
        t.is_court_return,
        t.is_other_agency_hold,
        t.is_warrant,
        -- who is booked again has left: a release that was never recorded is at the latest then
        coalesce(b.released_at, lead(b.booked_at) over person) as left_at
    from standard.bookings as b
    inner join person_index.person_of_client as p using (client_key)
    left join code_sets.release_reasons as k using (release_reason_code)
    left join code_sets.booking_types as t using (booking_type_code)
    window person as (partition by p.person_id order by b.booked_at, b.booking_number)
),

reaching as (
    select
        *,
        case
            when left_at is null then date '9999-12-31'
            else left_at::date + case when is_transfer then $transfer_gap_days::integer else $max_gap_days::integer end
        end as joins_until_on
    from dated
),

reached as (
    select
        *,
        max(joins_until_on) over (
            partition by person_id order by booked_at, booking_number
            rows between unbounded preceding and 1 preceding
        ) as reached_on
    from reaching
),

numbered as (
    select
        *,
        count(*) filter (where reached_on is null or booked_at::date > reached_on) over (
            partition by person_id order by booked_at, booking_number
            rows between unbounded preceding and current row
        ) as episode_number
    from reached
)

select
    'custody-' || left(md5(min(booking_number) over (partition by person_id, episode_number)), 16) as episode_id,
    person_id,
    agency,
    source_table,
    booking_number as source_key,
    booked_at,
    released_at,
    left_at,
    booking_type_code,
    release_reason_code,
    coalesce(is_community_release, false) as is_community_release,
    coalesce(is_citation, false) as is_citation,
    coalesce(is_court_return, false) as is_court_return,
    coalesce(is_other_agency_hold, false) as is_other_agency_hold,
    coalesce(is_warrant, false) as is_warrant,
    is_felony,
    is_technical,
    earliest_offense_on,
    latest_offense_on,
    _delivery_id,
    _line_number
from numbered
