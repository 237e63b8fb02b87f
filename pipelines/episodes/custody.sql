-- grain: a custody episode: the bookings of a person that touch, or that a transfer links
-- inputs: members.custody_bookings
-- What the first and the last booking say is taken once each, and no group is sorted for it; a null is the latest.
with
gathered as (
    select
        episode_id,
        any_value(person_id) as person_id,
        min(booked_at) as started_at,
        case when bool_and(left_at is not null) then max(left_at) end as ended_at,
        arg_min(
            struct_pack(booking_type_code, is_court_return, is_other_agency_hold, is_warrant), (booked_at, source_key)
        ) as entry,
        arg_max(
            struct_pack(release_reason_code, is_community_release, is_citation), (left_at, source_key)
        ) as leaving,
        coalesce(max(left_at) - min(booked_at) < interval 24 hour, false) as is_short,
        bool_or(is_felony) as is_felony,
        bool_and(is_technical) as is_technical,
        min(earliest_offense_on) as earliest_offense_on,
        max(latest_offense_on) as latest_offense_on,
        count(*) as booking_count,
        count(*) filter (where released_at is null and left_at is not null) as missing_release_count
    from members.custody_bookings
    group by episode_id
)

select
    episode_id,
    person_id,
    started_at,
    ended_at,
    started_at::date as started_on,
    ended_at::date as ended_on,
    entry.booking_type_code as entry_type_code,
    leaving.release_reason_code,
    leaving.is_community_release,
    leaving.is_citation and is_short as is_cite_and_release,
    is_felony,
    is_technical,
    entry.is_court_return,
    entry.is_other_agency_hold,
    entry.is_warrant,
    earliest_offense_on,
    latest_offense_on,
    booking_count,
    missing_release_count,
    booking_count as source_count
from gathered
order by episode_id
