-- grain: a combination of the attributes that linkage quality is told by, which some client has
-- inputs: person_index.client_attributes
select
    agency, race_ethnicity, sex, age_band, housing_status, ssn,
    row_number() over (order by agency, race_ethnicity, sex, age_band, housing_status, ssn)::integer as group_number
from (
    select distinct agency, race_ethnicity, sex, age_band, housing_status, ssn from person_index.client_attributes
) as told
