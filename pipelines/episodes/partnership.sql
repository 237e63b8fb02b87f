-- grain: a partnership of a person, across providers and re-establishments: [started_on, ended_on)
-- inputs: members.partnership_enrollments
select
    episode_id,
    any_value(person_id) as person_id,
    first(provider_id order by started_on, source_key) as provider_id,
    last(provider_id order by started_on, source_key) as last_provider_id,
    first(age_group_code order by started_on, source_key) as age_group_code,
    min(started_on) as started_on,
    case when bool_and(ended_on is not null) then max(ended_on) end as ended_on,
    last(discontinuation_reason_code order by ended_on nulls last, source_key) as discontinuation_reason_code,
    first(focal_homeless order by started_on, source_key) as focal_homeless,
    first(focal_justice order by started_on, source_key) as focal_justice,
    first(focal_crisis order by started_on, source_key) as focal_crisis,
    count(*) as enrollment_count,
    count(*) as source_count
from members.partnership_enrollments
group by episode_id
order by episode_id
