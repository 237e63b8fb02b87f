-- grain: cut × value: clients, and those of them with a pair that joined or parted
-- inputs: person_index.client_attributes, work.changed_pairs
with touched as (
    select client_key_l as client_key from work.changed_pairs
    union
    select client_key_r from work.changed_pairs
),

cuts as (
    unpivot person_index.client_attributes
    on race_ethnicity, sex, age_band, agency, housing_status, ssn into name cut_code value cut_value
)

select
    c.cut_code,
    c.cut_value,
    count(*) as clients,
    count(t.client_key) as touched
from cuts as c
left join touched as t on c.client_key = t.client_key
group by c.cut_code, c.cut_value
order by c.cut_code, c.cut_value
