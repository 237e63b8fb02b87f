-- grain: a person who is looked at; what most of their clients say, ties to the smallest value
-- inputs: comparison.index_days, person_index.person_of_client, standard.clients
-- Holds birth dates, so it lives in memory and is never written.
with
-- the macro reads the rows by their name, which the linter does not see
members as ( -- noqa: ST03
    select p.person_id, c.birth_on, c.sex_code, c.race_ethnicity_code
    from person_index.person_of_client as p
    inner join standard.clients as c using (client_key)
    where p.person_id in (select i.person_id from comparison.index_days as i)
)

select person_id, birth_on, sex as sex_code, race_ethnicity as race_ethnicity_code
from most_said('members')
