-- grain: a day on which a member was served by mental health, however many services that day
-- inputs: standard.mental_health_services, person_index.person_of_client, episodes.partnership_spans
select distinct c.person_id, s.served_on
from standard.mental_health_services as s
inner join person_index.person_of_client as c using (client_key)
where c.person_id in (select m.person_id from episodes.partnership_spans as m)
