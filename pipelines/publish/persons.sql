-- Grain: person, under its person key. What most of a person's clients say; ties go to the smallest value.
-- Inputs: standard.clients, person_index.person_of_client, publish.person_keys; $as_of, $oldest_age
with members as (
    select
        person_of_client.person_id,
        clients.agency,
        clients.birth_on,
        clients.sex_code,
        nullif(clients.race_ethnicity_code, 'unknown') as race_ethnicity_code,
        clients.is_linkable
    from person_index.person_of_client
    inner join standard.clients using (client_key)
),

birth_dates as (
    select person_id, birth_on
    from members
    where birth_on is not null
    group by person_id, birth_on
    qualify row_number() over (partition by person_id order by count(*) desc, birth_on) = 1
),

sexes as (
    select person_id, sex_code
    from members
    where sex_code is not null
    group by person_id, sex_code
    qualify row_number() over (partition by person_id order by count(*) desc, sex_code) = 1
),

race_ethnicities as (
    select person_id, race_ethnicity_code
    from members
    where race_ethnicity_code is not null
    group by person_id, race_ethnicity_code
    qualify row_number() over (partition by person_id order by count(*) desc, race_ethnicity_code) = 1
),

people as (
    select
        person_id,
        array_to_string(list_sort(list(distinct agency)), ',') as agencies,
        count(*) as clients,
        bool_or(is_linkable) as is_linkable
    from members
    group by person_id
)

select
    person_keys.person_key,
    case
        when birth_dates.birth_on is not null
            then greatest(year(birth_dates.birth_on), year($as_of::date) - $oldest_age)
    end as birth_year,
    coalesce(year(birth_dates.birth_on) <= year($as_of::date) - $oldest_age, false) as is_90_or_older,
    sexes.sex_code,
    coalesce(race_ethnicities.race_ethnicity_code, 'unknown') as race_ethnicity_code,
    people.agencies,
    people.clients,
    people.is_linkable
from people
inner join publish.person_keys using (person_id)
left join birth_dates using (person_id)
left join sexes using (person_id)
left join race_ethnicities using (person_id)
