-- Grain: measure × cut × cut value × period, before disclosure control.
-- Inputs: outcomes.measure_results, outcomes.measure_uncertainty, outcomes.measure_definitions
-- Only the cuts that disclosure control adds up leave; a measure that nests in another one stays, since the difference
-- of the two would tell of few persons.
select
    measure_results.* exclude (excluded_by_reason),
    measure_definitions.kind,
    measure_uncertainty.lower_total,
    measure_uncertainty.upper_total,
    measure_uncertainty.link_error,
    false as suppressed
from outcomes.measure_results
inner join outcomes.measure_definitions using (measure_id, definition_version)
left join outcomes.measure_uncertainty
    on
        measure_results.measure_id = measure_uncertainty.measure_id
        and measure_results.cut_code = measure_uncertainty.cut_code
        and measure_results.cut_value = measure_uncertainty.cut_value
        and measure_results.period is not distinct from measure_uncertainty.period
where measure_results.cut_code in ('all', 'program', 'provider') and measure_definitions.is_published
