-- grain: a person who died: one date, from the record that is believed first
-- inputs: standard.deaths, person_index.person_of_client, code_sets.death_sources
select
    p.person_id,
    first(d.died_on order by k.trust_rank, d.died_on, d.record_id) as died_on,
    first(d.death_source_code order by k.trust_rank, d.died_on, d.record_id) as death_source_code,
    min(d.died_on) as earliest_died_on,
    max(d.died_on) as latest_died_on,
    count(*) as source_count
from standard.deaths as d
inner join person_index.person_of_client as p using (client_key)
inner join code_sets.death_sources as k using (death_source_code)
group by p.person_id
order by p.person_id
