-- Grain: measure.
-- Inputs: outcomes.measure_definitions
select
    measure_id,
    definition_version,
    title,
    kind,
    unit,
    text,
    numerator,
    denominator,
    person_time,
    "window",
    exclusions,
    needs_agencies,
    source
from outcomes.measure_definitions
