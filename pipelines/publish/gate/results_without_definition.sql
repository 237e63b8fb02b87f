-- grain: one row; how many measures of results or person rows have no definition of their version
-- inputs: release.measure_results, release.person_measures, release.measure_definitions
select count(*) as faults
from (
    select measure_id, definition_version
    from release.measure_results
    union
    select measure_id, definition_version
    from release.person_measures
) as used
anti join release.measure_definitions as d
    on used.measure_id = d.measure_id and used.definition_version = d.definition_version
