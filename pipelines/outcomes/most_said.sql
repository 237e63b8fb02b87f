-- grain: a person: birth day, sex, race and ethnicity as most of their clients say, ties to the smallest value
-- inputs: name of a table of persons' clients (person_id, birth_on, sex_code, race_ethnicity_code)
-- Reads only the table that it is handed, because a macro that names a table cannot be made before the table is there.
create or replace macro most_said(members) as table
with
told as (
    select person_id, 'birth_on' as attribute, birth_on::varchar as told_value from query_table(members)
    union all
    select person_id, 'sex', sex_code from query_table(members)
    union all
    select person_id, 'race_ethnicity', nullif(race_ethnicity_code, 'unknown') from query_table(members)
),

chosen as (
    select person_id, attribute, told_value
    from told
    where told_value is not null
    group by person_id, attribute, told_value
    qualify row_number() over (partition by person_id, attribute order by count(*) desc, told_value) = 1
)

select
    p.person_id,
    (any_value(c.told_value) filter (where c.attribute = 'birth_on'))::date as birth_on,
    coalesce(any_value(c.told_value) filter (where c.attribute = 'sex'), 'unknown') as sex,
    coalesce(any_value(c.told_value) filter (where c.attribute = 'race_ethnicity'), 'unknown') as race_ethnicity
from (select distinct person_id from query_table(members)) as p
left join chosen as c using (person_id)
group by p.person_id;
