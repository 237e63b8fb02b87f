-- grain: an inpatient episode of one facility class, transfers merged: [admitted_on, discharged_on)
-- inputs: members.inpatient_stays
select
    episode_id,
    any_value(person_id) as person_id,
    any_value(facility_class_code) as facility_class_code,
    min(admitted_on) as admitted_on,
    case when bool_and(discharged_on is not null) then max(discharged_on) end as discharged_on,
    count(*) as source_count
from members.inpatient_stays
group by episode_id
order by episode_id
