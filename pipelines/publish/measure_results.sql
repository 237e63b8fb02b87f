-- Grain: measure × cut × cut value × period, before disclosure control.
-- Inputs: outcomes.measure_results, outcomes.measure_definitions
select
    measure_results.*,
    measure_definitions.kind,
    false as suppressed
from outcomes.measure_results
inner join outcomes.measure_definitions using (measure_id, definition_version)
