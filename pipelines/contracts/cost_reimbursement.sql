-- grain: contract × statement period × provider: services to members, what reimbursing their cost would have paid, and
--        what the contract pays
-- inputs: standard.mental_health_services, person_index.person_of_client, episodes.partnership_spans,
--         terms.reimbursed_contracts, terms.reimbursement_rates, contracts.statement_lines
-- A service counts on a day on which a partnership of the person was open, for the provider that gave it.
with
-- services are the largest table of a lake, and members few: their clients are looked up first
member_clients as materialized (
    select c.client_key, c.person_id
    from person_index.person_of_client as c
    where c.person_id in (select m.person_id from episodes.partnership_spans as m)
),

member_services as (
    select s.provider_id, s.served_on, s.mode_code, s.service_function_code, s.minutes_count
    from standard.mental_health_services as s
    inner join member_clients as c using (client_key)
    semi join episodes.partnership_spans as m
        on
            c.person_id = m.person_id
            and s.served_on >= m.started_on
            and (m.ended_on is null or s.served_on < m.ended_on)
),

priced as (
    select
        t.contract_id,
        statement_period(s.served_on, t.statement_every) as period,
        coalesce(s.provider_id, 'unknown') as provider_id,
        -- null where no rate fits, or where it is by the minute and nobody wrote the minutes
        r.usd * case r.unit when 'minute' then s.minutes_count else 1 end as cost_usd
    from member_services as s
    inner join terms.reimbursed_contracts as t on s.served_on between t.starts_on and t.ends_on
    left join terms.reimbursement_rates as r
        on
            t.contract_id = r.contract_id
            and s.mode_code = r.mode_code
            and s.service_function_code between r.function_from and r.function_to
),

costs as (
    select
        contract_id,
        period,
        provider_id,
        count(*) as services,
        count_if(cost_usd is null)::bigint as services_without_cost,
        coalesce(sum(cost_usd), 0) as reimbursed_usd
    from priced
    group by contract_id, period, provider_id
),

paid as (
    select l.contract_id, l.period, coalesce(l.provider_id, 'unknown') as provider_id, sum(l.amount_usd) as paid_usd
    from contracts.statement_lines as l
    semi join terms.reimbursed_contracts as t on l.contract_id = t.contract_id
    group by l.contract_id, l.period, coalesce(l.provider_id, 'unknown')
)

select
    contract_id,
    period,
    provider_id,
    coalesce(c.services, 0) as services,
    coalesce(c.services_without_cost, 0) as services_without_cost,
    round(coalesce(c.reimbursed_usd, 0), 2)::decimal(18, 2) as reimbursed_usd,
    coalesce(p.paid_usd, 0)::decimal(18, 2) as paid_usd
from costs as c
full outer join paid as p using (contract_id, period, provider_id)
order by contract_id, period, provider_id
