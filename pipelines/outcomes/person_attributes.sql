-- grain: a person who is measured; what most of their clients say, ties to the smallest value
-- inputs: outcomes.person_measures, person_index.person_of_client, standard.clients, standard.identities,
--         code_sets.zip_service_areas
-- Holds birth dates, so it lives in memory for the cuts and is never written.
with
members as (
    select p.person_id, c.client_key, c.birth_on, c.sex_code, c.race_ethnicity_code
    from person_index.person_of_client as p
    inner join standard.clients as c using (client_key)
    where p.person_id in (select m.person_id from outcomes.person_measures as m)
),

homes as (
    select m.person_id, i.zip5, count(*) as said
    from members as m
    inner join standard.identities as i using (client_key)
    where regexp_full_match(i.zip5, '\d{5}')
    group by m.person_id, i.zip5
    qualify row_number() over (partition by m.person_id order by said desc, i.zip5) = 1
),

areas as (
    select
        h.person_id,
        -- the longest prefix that the county's file knows; without one, the first three digits say where
        coalesce(max_by(a.service_area_code, length(a.zip_prefix)), any_value('zip3_' || left(h.zip5, 3)))
            as service_area
    from homes as h
    left join code_sets.zip_service_areas as a on starts_with(h.zip5, a.zip_prefix)
    group by h.person_id
)

select
    p.*,
    coalesce(a.service_area, 'unknown') as service_area
from most_said('members') as p
left join areas as a using (person_id)
