-- grain: a person who is looked at; what most of their clients say, ties to the smallest value
-- inputs: comparison.index_days, person_index.person_of_client, standard.clients
-- Holds birth dates, so it lives in memory and is never written.
with
members as (
    select p.person_id, c.birth_on, c.sex_code, c.race_ethnicity_code
    from person_index.person_of_client as p
    inner join standard.clients as c using (client_key)
    where p.person_id in (select i.person_id from comparison.index_days as i)
),

told as (
    select person_id, 'birth_on' as attribute, birth_on::varchar as told_value from members
    union all
    select person_id, 'sex_code', sex_code from members
    union all
    select person_id, 'race_ethnicity_code', nullif(race_ethnicity_code, 'unknown') from members
),

chosen as (
    select person_id, attribute, told_value
    from told
    where told_value is not null
    group by person_id, attribute, told_value
    qualify row_number() over (partition by person_id, attribute order by count(*) desc, told_value) = 1
)

select
    person_id,
    (any_value(told_value) filter (where attribute = 'birth_on'))::date as birth_on,
    coalesce(any_value(told_value) filter (where attribute = 'sex_code'), 'unknown') as sex_code,
    coalesce(any_value(told_value) filter (where attribute = 'race_ethnicity_code'), 'unknown') as race_ethnicity_code
from chosen
group by person_id
