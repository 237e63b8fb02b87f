-- grain: a day on which a member was served by mental health, however many services that day
-- inputs: standard.mental_health_services, person_index.person_of_client, episodes.partnership_spans
-- Services are the largest table of a lake, and members few: their clients are looked up first.
with
member_clients as materialized (
    select c.client_key, c.person_id
    from person_index.person_of_client as c
    where c.person_id in (select m.person_id from episodes.partnership_spans as m)
)

select distinct c.person_id, s.served_on
from standard.mental_health_services as s
inner join member_clients as c using (client_key)
