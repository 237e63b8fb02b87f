-- grain: a payment step of a clause, and a cell (provider and quarter, programme, or all) that it is held against
-- inputs: terms.steps, terms.caps, outcomes.measure_by_threshold, outcomes.measure_uncertainty
-- A step is crossed where what is held against it lies on one side with one linkage and on the other with another.
-- Persons' units are counted over all index days that were measured, whether or not they lie in the contract's term.
with
cells as (
    select
        s.contract_id,
        s.clause_id,
        s.measure_id,
        s.step_kind,
        s.step,
        s.pays_when,
        t.cut_code,
        t.cut_value,
        case when s.is_over_contract then null else t.period end as cell_period,
        t.scenario_code,
        case s.step_kind
            when 'threshold' then t.estimate
            when 'minimum_n' then t.n
            else units_counted(s.counts, s.pays_when, t.n, t.numerator)
        end as held
    from terms.steps as s
    inner join outcomes.measure_by_threshold as t
        on
            s.measure_id = t.measure_id
            and is_paid_by(s.pays_per, s.program_code, t.cut_code, t.cut_value, t.period)
    union all
    -- dollars that come to a cap; those of a clause are of its measure, those of a budget or contract of all clauses
    select
        contract_id,
        clause_id,
        measure_id,
        step_kind,
        cap_usd as step,
        null as pays_when,
        'all' as cut_code,
        'all' as cut_value,
        period as cell_period,
        scenario_code,
        demanded_usd as held
    from terms.caps
),

summed as (
    select
        contract_id,
        clause_id,
        measure_id,
        step_kind,
        step,
        pays_when,
        cut_code,
        cut_value,
        cell_period,
        sum(held) filter (where scenario_code = 'strict') as strict,
        sum(held) filter (where scenario_code = 'base') as base,
        sum(held) filter (where scenario_code = 'loose') as loose
    from cells
    group by
        contract_id, clause_id, measure_id, step_kind, step, pays_when, cut_code, cut_value, cell_period
),

sided as (
    select
        c.*,
        u.lower_total,
        u.upper_total,
        -- what equals a limit or a cap is still within it; what equals any other step has reached it
        [
            case
                when c.step_kind like '%_cap' or (c.pays_when = 'at_most' and c.step_kind = 'threshold')
                    then held > c.step
                else held >= c.step
            end
            for held in [c.strict, c.base, c.loose] if held is not null
        ] as sides,
        [
            case when c.pays_when = 'at_most' then held > c.step else held >= c.step end
            for held in [u.lower_total, u.upper_total] if held is not null
        ] as sides_of_interval
    from summed as c
    left join outcomes.measure_uncertainty as u
        on
            c.step_kind = 'threshold'
            and c.measure_id = u.measure_id
            and c.cut_code = u.cut_code
            and c.cut_value = u.cut_value
            and c.cell_period is not distinct from u.period
)

select
    contract_id,
    clause_id,
    measure_id,
    cut_code,
    cut_value,
    cell_period as period,
    step_kind,
    step,
    strict::double as strict,
    base::double as base,
    loose::double as loose,
    lower_total,
    upper_total,
    len(list_distinct(sides)) > 1 as crosses_by_threshold,
    len(list_distinct(sides_of_interval)) > 1 as crosses_by_interval,
    len(list_distinct(sides)) > 1 or len(list_distinct(sides_of_interval)) > 1 as crosses_payment_step
from sided
order by contract_id, clause_id, step_kind, step, cut_code, cut_value, cell_period nulls first
