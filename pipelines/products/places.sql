-- Grain: a person of the release with the ZIP code that most of its identities have; ties go to the smallest.
-- Inputs: product.release_index, standard.identities
select release_index.person_id, identities.zip5
from product.release_index
inner join standard.identities using (client_key)
where identities.zip5 is not null
group by release_index.person_id, identities.zip5
qualify row_number() over (partition by release_index.person_id order by count(*) desc, identities.zip5) = 1
