-- grain: a provider's own clients who are one person, a measure and what became of it in the quarter
-- inputs: outcomes.person_measures, standard.partnerships, person_index.person_of_client, consent.out,
--         terms.told
-- Names clients by the provider's own ids: it goes to the provider alone, sealed.
with
own_clients as (
    select distinct
        i.person_id,
        i.client_id
    from person_index.person_of_client as i
    inner join standard.partnerships as s on i.client_key = s.client_key
    where
        s.provider_id = $provider_id
        and i.person_id not in (select person_id from consent.out)
),

clients as (
    select
        person_id,
        string_agg(client_id, ' ' order by client_id) as client_ids
    from own_clients
    group by person_id
)

select distinct
    c.client_ids,
    t.heading,
    t.text as what_to_do
from outcomes.person_measures as m
inner join clients as c on m.person_id = c.person_id
inner join terms.told as t
    on
        m.measure_id = t.measure_id
        and (
            m.status_code = t.status_code
            or (t.status_code = 'counted' and m.status_code in ('met', 'not_met', 'censored') and m.numerator > 0)
        )
where m.provider_id = $provider_id and m.period = $quarter
order by c.client_ids, t.heading, t.text
