-- grain: a client of a provider whose records nobody could tie to another agency's, and the likely reason
-- inputs: standard.clients, standard.partnerships, standard.tenancies, person_index.person_of_client, episodes.persons
-- Names clients by their agency's id: it stays in the identified zones, and `unknown_clients` counts it.
with
served as (
    select distinct client_key, agency, provider_id from standard.partnerships
    union
    select distinct client_key, agency, provider_id from standard.tenancies
)

select
    s.agency,
    coalesce(s.provider_id, 'unknown') as provider_id,
    c.client_key,
    case
        when p.person_id is null then 'no_person'
        when not w.is_linkable then coalesce(c.unlinkable_reason, 'unlinkable')
        else 'no_other_agency'
    end as reason_code,
    -- a person whose identifiers were compared and not found elsewhere is known not to be there: zero, not unknown
    p.person_id is null or not w.is_linkable as is_unknown
from served as s
left join standard.clients as c using (client_key)
left join person_index.person_of_client as p using (client_key)
left join episodes.persons as w using (person_id)
where p.person_id is null or not w.is_linkable or w.agencies = s.agency
