-- grain: an identity of one of the clients asked for, as it was compared
-- inputs: standard.identities, person_index.person_of_client
select
    people.agency,
    people.client_id,
    identities.first_name,
    identities.middle_name,
    identities.last_name,
    identities.generation,
    identities.birth_code,
    identities.ssn,
    identities.itin,
    identities.ssn_last4,
    identities.sex_code,
    identities.phone,
    identities.address,
    identities.unit,
    identities.city,
    identities.zip5,
    identities.shared_ids
from standard.identities as identities
inner join person_index.person_of_client as people using (client_key)
where (people.agency, people.client_id) in (select (asked.agency, asked.client_id) from work.asked as asked)
order by people.agency, people.client_id, identities.identity_id
