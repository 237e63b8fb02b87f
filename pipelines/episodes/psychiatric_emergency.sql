-- grain: a psychiatric emergency visit: one crisis of one person, whichever agencies recorded it
-- inputs: members.psychiatric_emergency_contacts
select
    episode_id,
    any_value(person_id) as person_id,
    min(started_at) as started_at,
    max(ended_at) as ended_at,
    min(started_at)::date as started_on,
    count(*) as contact_count,
    array_to_string(list_sort(list(distinct agency)), ',') as agencies,
    array_to_string(list_sort(list(distinct rule_code)), ',') as rule_codes,
    count(*) as source_count
from members.psychiatric_emergency_contacts
group by episode_id
order by episode_id
