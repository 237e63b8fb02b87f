-- grain: a person who is measured; what most of their clients say, ties to the smallest value
-- inputs: outcomes.person_measures, person_index.person_of_client, standard.clients, standard.identities,
--         code_sets.zip_service_areas
-- Holds birth dates, so it lives in memory for the cuts and is never written.
with
measured as (
    select distinct person_id from outcomes.person_measures
),

members as (
    select p.person_id, c.client_key, c.birth_on, c.sex_code, c.race_ethnicity_code
    from person_index.person_of_client as p
    inner join measured using (person_id)
    inner join standard.clients as c using (client_key)
),

-- what a ZIP code means is asked once a code, and not once a person
codes as (
    select distinct zip5
    from standard.identities
    where regexp_full_match(zip5, '\d{5}')
),

areas as (
    select
        z.zip5,
        -- the longest prefix that the county's file knows; without one, the first three digits say where
        coalesce(max_by(a.service_area_code, length(a.zip_prefix)), any_value('zip3_' || left(z.zip5, 3)))
            as service_area
    from codes as z
    left join code_sets.zip_service_areas as a on starts_with(z.zip5, a.zip_prefix)
    group by z.zip5
),

homes as (
    select m.person_id, a.zip5, a.service_area, count(*) as said
    from members as m
    inner join standard.identities as i using (client_key)
    inner join areas as a on i.zip5 = a.zip5
    group by m.person_id, a.zip5, a.service_area
),

-- most persons have told one home
told_homes as (
    select person_id, any_value(service_area) as service_area, count(*) as homes
    from homes
    group by person_id
),

chosen_homes as (
    select h.person_id, h.service_area
    from homes as h
    where h.person_id in (select t.person_id from told_homes as t where t.homes > 1)
    qualify row_number() over (partition by h.person_id order by h.said desc, h.zip5) = 1
)

select
    p.*,
    coalesce(c.service_area, t.service_area, 'unknown') as service_area
from most_said('members') as p
left join told_homes as t using (person_id)
left join chosen_homes as c using (person_id)
