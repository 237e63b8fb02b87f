-- grain: client of a past version of the index
-- inputs: work.replayed (client_key, person_id: the ledger replayed to that version), work.version_index (the version's
--         own person_of_client), work.resolved (asked_id, person_id), work.current_persons (person_id)
-- current_person_id: who the person is now: itself, the survivor of a merge, or null once all its clients are gone.
select
    v.agency,
    v.client_id,
    r.person_id,
    n.person_id as current_person_id
from work.replayed as r
inner join work.version_index as v on r.client_key = v.client_key and r.person_id = v.person_id
left join work.resolved as s on r.person_id = s.asked_id
left join work.current_persons as n on coalesce(s.person_id, r.person_id) = n.person_id
order by v.agency, v.client_id
