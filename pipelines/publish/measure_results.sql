-- Grain: measure × cut × cut value × period, before disclosure control.
-- Inputs: outcomes.measure_results
select
    measure_id,
    definition_version,
    title,
    cut_code,
    cut_value,
    period,
    n,
    numerator,
    person_time,
    censored,
    immature,
    unknown,
    excluded,
    estimate,
    lower,
    upper,
    interval_method,
    unit,
    data_through_on,
    false as suppressed
from outcomes.measure_results
