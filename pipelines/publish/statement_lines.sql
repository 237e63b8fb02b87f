-- Grain: a person, under the person key, or a provider and period, that earned a payment under a clause.
-- Inputs: contracts.statement_lines, publish.person_keys
-- Of a person who is out there is only what was paid, for payments must add up: neither a key nor a day.
select
    statement_lines.contract_id,
    statement_lines.clause_id,
    statement_lines.period,
    person_keys.person_key,
    statement_lines.provider_id,
    case when statement_lines.person_id is null or person_keys.person_key is not null then statement_lines.index_on end
        as index_on,
    statement_lines.quantity,
    statement_lines.unit,
    statement_lines.price_usd,
    statement_lines.amount_usd
from contracts.statement_lines
left join publish.person_keys using (person_id)
