-- Grain: a person of the release who may be in a product: not out by any client's choice.
-- Inputs: product.release_index (who was which person when the release was made), person_index.person_of_client
--         (who is which person now), consent.choices, consent.consented (persons now)
-- A choice reaches a person of the release through any client, then or now: the clients of one person then may be two
-- persons now, and the other way round.
with out_now as (
    select distinct person_of_client.person_id
    from person_index.person_of_client
    inner join consent.choices using (agency, client_id)
    where choices.choice_code = 'opt_out'
),

clients_out as (
    select person_of_client.agency, person_of_client.client_id
    from person_index.person_of_client
    inner join out_now using (person_id)
    union distinct
    select agency, client_id
    from consent.choices
    where choice_code = 'opt_out'
),

consented as (
    select person_of_client.agency, person_of_client.client_id
    from person_index.person_of_client
    inner join consent.consented using (person_id)
)

select
    release_index.person_id,
    bool_and(consented.client_id is not null) as has_part2_consent
from product.release_index
left join clients_out using (agency, client_id)
left join consented
    on release_index.agency = consented.agency and release_index.client_id = consented.client_id
group by release_index.person_id
having count(clients_out.client_id) = 0
order by release_index.person_id
