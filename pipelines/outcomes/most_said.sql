-- grain: a person: birth day, sex, race and ethnicity as most of their clients say, ties to the smallest value
-- inputs: name of a table of persons' clients (person_id, birth_on, sex_code, race_ethnicity_code)
-- Clients of most persons agree: only those of the others are counted.
-- Reads only the table that it is handed, because a macro that names a table cannot be made before the table is there.
create or replace macro most_said(members) as table
with
spread as (
    select
        person_id,
        min(birth_on) as birth_on,
        min(sex_code) as sex,
        min(nullif(race_ethnicity_code, 'unknown')) as race_ethnicity,
        coalesce(min(birth_on) <> max(birth_on), false)
        or coalesce(min(sex_code) <> max(sex_code), false)
        or coalesce(min(nullif(race_ethnicity_code, 'unknown')) <> max(nullif(race_ethnicity_code, 'unknown')), false)
            as is_doubtful
    from query_table(members)
    group by person_id
),

doubtful as (
    select m.person_id, m.birth_on, m.sex_code, m.race_ethnicity_code
    from query_table(members) as m
    where m.person_id in (select s.person_id from spread as s where s.is_doubtful)
),

told as (
    select person_id, 'birth_on' as attribute, birth_on::varchar as told_value from doubtful
    union all
    select person_id, 'sex', sex_code from doubtful
    union all
    select person_id, 'race_ethnicity', nullif(race_ethnicity_code, 'unknown') from doubtful
),

chosen as (
    select person_id, attribute, told_value
    from told
    where told_value is not null
    group by person_id, attribute, told_value
    qualify row_number() over (partition by person_id, attribute order by count(*) desc, told_value) = 1
),

decided as (
    select
        person_id,
        (any_value(told_value) filter (where attribute = 'birth_on'))::date as birth_on,
        any_value(told_value) filter (where attribute = 'sex') as sex,
        any_value(told_value) filter (where attribute = 'race_ethnicity') as race_ethnicity
    from chosen
    group by person_id
)

select
    s.person_id,
    if(s.is_doubtful, d.birth_on, s.birth_on) as birth_on,
    coalesce(if(s.is_doubtful, d.sex, s.sex), 'unknown') as sex,
    coalesce(if(s.is_doubtful, d.race_ethnicity, s.race_ethnicity), 'unknown') as race_ethnicity
from spread as s
left join decided as d using (person_id);
