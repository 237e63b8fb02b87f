-- Grain: one row per client of the truth, with who it is and who it was taken for.
-- Inputs: measured.truth, measured.persons (agency, client_id, person_id).
-- Clients that the persons table lacks are each a person of their own; clients that the truth lacks are not measured.
select
    row_number() over (order by t.agency, t.client_id) as client,
    t.agency,
    t.client_id,
    t.person_id as true_person,
    coalesce('p' || p.person_id, 'alone|' || t.agency || '|' || t.client_id) as found_person
from measured.truth as t
left join measured.persons as p on t.agency = p.agency and t.client_id = p.client_id
