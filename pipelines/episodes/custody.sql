-- grain: a custody episode: the bookings of a person that touch, or that a transfer links
-- inputs: members.custody_bookings
-- What the first and the last booking say is taken once each, and no group is sorted for it; a null is the latest.
-- Nearly all episodes are one booking, which says everything itself.
with
told as (
    select
        *,
        struct_pack(booking_type_code, is_court_return, is_other_agency_hold, is_warrant) as entry,
        struct_pack(release_reason_code, is_community_release, is_citation) as leaving,
        released_at is null and left_at is not null as lacks_release
    from members.custody_bookings
),

gathered as (
    select
        episode_id,
        person_id,
        booked_at as started_at,
        left_at as ended_at,
        entry,
        leaving,
        coalesce(left_at - booked_at < interval 24 hour, false) as is_short,
        is_felony,
        is_technical,
        earliest_offense_on,
        latest_offense_on,
        booking_count,
        lacks_release::bigint as missing_release_count
    from told
    where booking_count = 1
    union all
    select
        episode_id,
        any_value(person_id),
        min(booked_at),
        case when bool_and(left_at is not null) then max(left_at) end,
        arg_min(entry, (booked_at, source_key)),
        arg_max(leaving, (left_at, source_key)),
        coalesce(max(left_at) - min(booked_at) < interval 24 hour, false),
        bool_or(is_felony),
        bool_and(is_technical),
        min(earliest_offense_on),
        max(latest_offense_on),
        count(*),
        count_if(lacks_release)::bigint
    from told
    where booking_count > 1
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
