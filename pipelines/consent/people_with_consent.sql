-- Grain: a person of whom a client consented in writing that $recipient may have its Part 2 records, and none took such
-- a consent back.
-- Inputs: person_index.person_of_client, consent.choices; $recipient
select person_of_client.person_id
from person_index.person_of_client
inner join consent.choices using (agency, client_id)
where choices.scope = 'part2' and choices.recipient in ($recipient, '')
group by person_of_client.person_id
having bool_or(choices.choice_code = 'consent') and not bool_or(choices.choice_code = 'revoke')
