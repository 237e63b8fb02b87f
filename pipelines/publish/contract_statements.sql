-- Grain: contract × clause × unit × period, and the whole time (period null), before disclosure control.
-- Inputs: contracts.statement_lines
-- The two largest amounts of a person are for disclosure control and do not leave.
with by_person as (
    select
        contract_id, clause_id, unit, period, person_id,
        count(*) as lines,
        sum(quantity) as quantity,
        sum(amount_usd) as amount_usd
    from contracts.statement_lines
    group by grouping sets (
        (contract_id, clause_id, unit, period, person_id), (contract_id, clause_id, unit, person_id)
    )
)

select
    contract_id,
    clause_id,
    period,
    sum(lines) as lines,
    count(person_id) as persons,
    sum(quantity) as quantity,
    unit,
    sum(amount_usd) as amount_usd,
    null::date as told_as_of_on,
    false as suppressed,
    max(amount_usd, 2) filter (where person_id is not null)[1] as amount_of_largest_usd,
    max(amount_usd, 2) filter (where person_id is not null)[2] as amount_of_second_usd
from by_person
group by contract_id, clause_id, unit, period
