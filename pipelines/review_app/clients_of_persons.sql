-- grain: a client who is of one person with one of the clients asked for
-- inputs: person_index.person_of_client, work.asked (agency, client_id)
select distinct
    mates.person_id,
    mates.agency,
    mates.client_id
from person_index.person_of_client as mates
inner join person_index.person_of_client as one using (person_id)
inner join work.asked as asked on one.agency = asked.agency and one.client_id = asked.client_id
order by mates.person_id, mates.agency, mates.client_id
