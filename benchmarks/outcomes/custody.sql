-- grain: a custody episode: an eighth of all persons has one to eleven, one after another
with persons as (
    select i as person_id, 1 + least(chance(i, 10, 12), chance(i, 11, 12)) as episodes
    from range(1, all_persons() // 8) as t (i)
),

numbered as (
    select person_id, episodes, 2130 // episodes as room, unnest(range(episodes)) as place
    from persons
),

dated as (
    select
        *,
        person_id * 16 + place as seed,
        first_on() + (place * room + chance(person_id * 16 + place, 12, room // 2))::integer as started_on
    from numbered
)

select
    'custody-' || seed as episode_id,
    person_id,
    1 as source_count,
    started_on::timestamp as started_at,
    started_on + chance(seed, 13, least(room // 2, 90))::integer as ended_on,
    ended_on::timestamp as ended_at,
    'new_charge' as entry_type_code,
    'time_served' as release_reason_code,
    chance(seed, 14, 10) > 0 as is_community_release,
    chance(seed, 15, 20) = 0 as is_cite_and_release,
    chance(seed, 16, 3) = 0 as is_felony,
    chance(seed, 17, 8) = 0 as is_technical,
    chance(seed, 18, 25) = 0 as is_court_return,
    chance(seed, 19, 25) = 0 as is_other_agency_hold,
    chance(seed, 20, 8) = 0 as is_warrant,
    started_on - chance(seed, 21, 400)::integer as latest_offense_on,
    latest_offense_on as earliest_offense_on,
    1 as booking_count,
    0 as missing_release_count
from dated
