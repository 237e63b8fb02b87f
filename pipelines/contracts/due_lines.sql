-- grain: a line whose amount is not what was stated before: new lines of the period, and restatements of earlier ones
-- inputs: contracts.statement_lines, frozen.lines, frozen.periods, changed.measures, changed.persons
with
current_lines as (
    select *
    from contracts.statement_lines
    where
        contract_id = $contract_id
        and (period = $period or period in (select f.period from frozen.periods as f))
),

stated_lines as (
    select
        line_id,
        any_value(clause_id) as clause_id,
        any_value(period) as period,
        any_value(measure_id) as measure_id,
        any_value(person_id) as person_id,
        any_value(provider_id) as provider_id,
        any_value(index_on) as index_on,
        any_value(earned_on) as earned_on,
        any_value(unit) as unit,
        sum(quantity) as quantity,
        sum(earned_usd) as earned_usd,
        sum(amount_usd) as amount_usd
    from frozen.lines
    group by line_id
),

compared as (
    select
        coalesce(c.line_id, s.line_id) as line_id,
        coalesce(c.clause_id, s.clause_id) as clause_id,
        coalesce(c.period, s.period) as earned_period,
        coalesce(c.measure_id, s.measure_id) as measure_id,
        coalesce(c.person_id, s.person_id) as person_id,
        coalesce(c.provider_id, s.provider_id) as provider_id,
        coalesce(c.index_on, s.index_on) as index_on,
        coalesce(c.earned_on, s.earned_on) as earned_on,
        coalesce(c.unit, s.unit) as unit,
        c.price_usd,
        (coalesce(c.quantity, 0) - coalesce(s.quantity, 0))::decimal(18, 6) as quantity,
        (coalesce(c.earned_usd, 0) - coalesce(s.earned_usd, 0))::decimal(18, 2) as earned_usd,
        (coalesce(c.amount_usd, 0) - coalesce(s.amount_usd, 0))::decimal(18, 2) as amount_usd
    from current_lines as c
    full outer join stated_lines as s on c.line_id = s.line_id
)

select
    p.line_id,
    p.clause_id,
    p.earned_period as period,
    p.measure_id,
    p.person_id,
    p.provider_id,
    p.index_on,
    p.earned_on,
    p.unit,
    p.price_usd,
    p.quantity,
    p.earned_usd,
    p.amount_usd,
    p.earned_period in (select f.period from frozen.periods as f) as is_restatement,
    -- the first cause that applies; what was decided before what was delivered, since it changes every line it touches
    case
        when p.earned_period not in (select f.period from frozen.periods as f) then ''
        when $contract_changed then 'contract_changed'
        when m.measure_id is not null then 'definition_changed'
        when h.person_id is not null then 'person_' || h.event_code
        when p.earned_usd = 0 then 'cap'
        else 'later_data'
    end as cause_code,
    coalesce(h.cause, '') as person_cause
from compared as p
left join changed.measures as m on p.measure_id = m.measure_id
left join changed.persons as h on p.person_id = h.person_id
where p.quantity <> 0 or p.earned_usd <> 0 or p.amount_usd <> 0
order by p.earned_period, p.clause_id, p.line_id
