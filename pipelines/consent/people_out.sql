-- Grain: a person who is out of all that leaves, because one of its clients is.
-- Inputs: person_index.person_of_client, consent.choices
select distinct person_of_client.person_id
from person_index.person_of_client
inner join consent.choices using (agency, client_id)
where choices.choice_code = 'opt_out'
