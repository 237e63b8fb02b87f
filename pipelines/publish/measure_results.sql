-- Grain: measure × cut × cut value × period, before disclosure control.
-- Inputs: outcomes.measure_results, outcomes.measure_definitions
-- Only the cuts that disclosure control adds up leave; a measure that nests in another one stays, since the difference
-- of the two would tell of few persons.
select
    measure_results.* exclude (excluded_by_reason),
    measure_definitions.kind,
    false as suppressed
from outcomes.measure_results
inner join outcomes.measure_definitions using (measure_id, definition_version)
where measure_results.cut_code in ('all', 'program', 'provider') and measure_definitions.is_published
