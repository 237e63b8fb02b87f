-- grain: a custody episode: the bookings of a person that touch, or that a transfer links
-- inputs: members.custody_bookings
select
    episode_id,
    any_value(person_id) as person_id,
    min(booked_at) as started_at,
    case when bool_and(left_at is not null) then max(left_at) end as ended_at,
    min(booked_at)::date as started_on,
    (case when bool_and(left_at is not null) then max(left_at) end)::date as ended_on,
    first(booking_type_code order by booked_at, source_key) as entry_type_code,
    last(release_reason_code order by left_at nulls last, source_key) as release_reason_code,
    last(is_community_release order by left_at nulls last, source_key) as is_community_release,
    last(is_citation order by left_at nulls last, source_key)
    and coalesce(max(left_at) - min(booked_at) < interval 24 hour, false) as is_cite_and_release,
    bool_or(is_felony) as is_felony,
    bool_and(is_technical) as is_technical,
    first(is_court_return order by booked_at, source_key) as is_court_return,
    first(is_other_agency_hold order by booked_at, source_key) as is_other_agency_hold,
    first(is_warrant order by booked_at, source_key) as is_warrant,
    min(earliest_offense_on) as earliest_offense_on,
    max(latest_offense_on) as latest_offense_on,
    count(*) as booking_count,
    count(*) filter (where released_at is null and left_at is not null) as missing_release_count,
    count(*) as source_count
from members.custody_bookings
group by episode_id
order by episode_id
