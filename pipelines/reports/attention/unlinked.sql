-- grain: a client of the provider of whom nobody can tell what other agencies hold, and the likely reason
-- inputs: shared.unknown_client_list, standard.clients, consent.choices, terms.mends
-- Names clients by the provider's own ids: it goes to the provider alone, sealed.
select distinct
    c.client_id,
    u.reason_code,
    t.mend
from shared.unknown_client_list as u
inner join standard.clients as c on u.client_key = c.client_key
inner join terms.mends as t on u.reason_code = t.reason_code
where
    u.is_unknown
    and u.agency = 'mental_health'
    and u.provider_id = $provider_id
    and not exists (
        select 1
        from consent.choices as o
        where o.agency = c.agency and o.client_id = c.client_id and o.choice_code = 'opt_out'
    )
order by c.client_id, u.reason_code, t.mend
