-- grain: one row; how many person keys of the coded tables are in no row of persons
-- inputs: release.persons, release.person_measures, release.statement_lines
select count(*) as faults
from (
    select person_key
    from release.person_measures
    union
    select person_key
    from release.statement_lines
    where person_key is not null
) as used
anti join release.persons as p on used.person_key = p.person_key
