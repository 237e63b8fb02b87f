-- grain: a result of all or of a programme that is not the same in both releases
-- inputs: before.measure_results, after.measure_results
select
    coalesce(a.measure_id, b.measure_id) as measure_id,
    coalesce(a.cut_code, b.cut_code) as cut_code,
    coalesce(a.cut_value, b.cut_value) as cut_value,
    coalesce(a.period, b.period) as period,
    coalesce(a.title, b.title) as title,
    coalesce(a.kind, b.kind) as kind,
    coalesce(a.unit, b.unit) as unit,
    coalesce(b.suppressed, false) as suppressed_before,
    coalesce(a.suppressed, false) as suppressed_after,
    b.definition_version as version_before,
    a.definition_version as version_after,
    b.n as n_before,
    a.n as n_after,
    b.estimate as estimate_before,
    a.estimate as estimate_after
from before.measure_results as b
full join after.measure_results as a
    on
        b.measure_id = a.measure_id
        and b.cut_code = a.cut_code
        and b.cut_value = a.cut_value
        and b.period is not distinct from a.period
where
    coalesce(a.cut_code, b.cut_code) in ('all', 'program')
    and (
        b.definition_version is distinct from a.definition_version
        or b.n is distinct from a.n
        or b.numerator is distinct from a.numerator
        or b.estimate is distinct from a.estimate
    )
order by 1, 2, 3, 4 nulls first
