-- Grain: measure × cut × cut value × period, before disclosure control.
-- Inputs: outcomes.measure_results, outcomes.measure_uncertainty, outcomes.measure_definitions,
--         outcomes.person_measures
-- Only the cuts that disclosure control adds up leave; a measure that nests in another one stays, since the difference
-- of the two would tell of few persons. program_of_provider is for disclosure control and does not leave. Of cuts by
-- place there is the provider alone: readers know where providers are, and so add them up by area themselves.
with programs as (
    select measure_id, provider_id, any_value(program_code) as program_of_provider
    from outcomes.person_measures
    group by measure_id, provider_id
    having count(distinct program_code) = 1 and count(program_code) = count(*)
)

select
    measure_results.* exclude (excluded_by_reason),
    measure_definitions.kind,
    measure_uncertainty.lower_total,
    measure_uncertainty.upper_total,
    measure_uncertainty.link_error,
    null::date as told_as_of_on,
    false as suppressed,
    programs.program_of_provider
from outcomes.measure_results
inner join outcomes.measure_definitions using (measure_id, definition_version)
left join outcomes.measure_uncertainty
    on
        measure_results.measure_id = measure_uncertainty.measure_id
        and measure_results.cut_code = measure_uncertainty.cut_code
        and measure_results.cut_value = measure_uncertainty.cut_value
        and measure_results.period is not distinct from measure_uncertainty.period
left join programs
    on
        measure_results.cut_code = 'provider'
        and measure_results.measure_id = programs.measure_id
        and measure_results.cut_value = programs.provider_id
where
    measure_results.cut_code in ('all', 'program', 'provider', 'age_group', 'sex', 'race_ethnicity', 'service_area')
    and measure_definitions.is_published
