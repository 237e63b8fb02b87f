-- Grain: pair of agencies, an agency with itself included, before disclosure control.
-- Inputs: standard.clients, person_index.person_of_client
with members as (
    select clients.agency, clients.is_linkable, person_of_client.person_id
    from standard.clients
    inner join person_index.person_of_client using (client_key)
),

agencies as (
    select
        agency,
        count(*) as clients,
        count(*) filter (where not is_linkable) as unlinkable_clients,
        count(distinct person_id) as persons
    from members
    group by agency
),

known as (
    select distinct agency, person_id from members
),

pairs as (
    select known.agency, other.agency as other_agency, count(*) as persons_in_both
    from known
    inner join known as other using (person_id)
    group by known.agency, other.agency
)

select
    agencies.agency,
    other.agency as other_agency,
    agencies.clients,
    agencies.unlinkable_clients,
    agencies.persons,
    coalesce(pairs.persons_in_both, 0) as persons_in_both,
    null::date as told_as_of_on,
    false as suppressed
from agencies
cross join agencies as other
left join pairs on agencies.agency = pairs.agency and other.agency = pairs.other_agency
