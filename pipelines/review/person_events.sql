-- Grain: event of the ledger that concerns one of some persons, in the order they happened.
-- Inputs: person_index.ledger, person_index.person_of_client
select
    ledger.event_number, ledger.as_of_on, ledger.event_code, ledger.person_id, ledger.other_person_id,
    people.agency, people.client_id, ledger.cause
from person_index.ledger as ledger
left join person_index.person_of_client as people using (client_key)
where list_contains($person_ids, ledger.person_id) or list_contains($person_ids, ledger.other_person_id)
order by ledger.event_number
