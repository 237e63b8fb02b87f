-- Grain: client of the sample, with every value it was seen with, as a reviewer reads them.
-- Inputs: standard.identities, review.frame_clients, review.sampled_clients (client_key)
select
    clients.client_key, clients.agency, clients.client_id,
    array_to_string(list_sort(list_distinct(list(identities.first_name))), ' / ') as first_name,
    array_to_string(list_sort(list_distinct(list(identities.middle_name))), ' / ') as middle_name,
    array_to_string(list_sort(list_distinct(list(identities.last_name))), ' / ') as last_name,
    array_to_string(list_sort(list_distinct(list(identities.generation))), ' / ') as suffix,
    array_to_string(list_sort(list_distinct(list(identities.birth_code))), ' / ') as birth_date,
    array_to_string(list_sort(list_distinct(list(identities.ssn))), ' / ') as ssn,
    array_to_string(list_sort(list_distinct(list(identities.ssn_last4))), ' / ') as ssn_last4,
    array_to_string(list_sort(list_distinct(list(identities.sex_code))), ' / ') as sex,
    array_to_string(list_sort(list_distinct(list(identities.phone))), ' / ') as phone,
    array_to_string(list_sort(list_distinct(list(identities.address))), ' / ') as address,
    array_to_string(list_sort(list_distinct(list(identities.city))), ' / ') as city,
    array_to_string(list_sort(list_distinct(list(identities.zip5))), ' / ') as zip,
    array_to_string(list_sort(list_distinct(flatten(list(identities.shared_ids)))), ' / ') as other_ids
from review.frame_clients as clients
inner join review.sampled_clients using (client_key)
left join standard.identities as identities using (client_key)
group by clients.client_key, clients.agency, clients.client_id
