-- grain: a person: whether any of their clients can be linked, and when they died
-- inputs: person_index.person_of_client, standard.clients, members.deaths
select
    p.person_id,
    count(*) as client_count,
    array_to_string(list_sort(list(distinct p.agency)), ',') as agencies,
    bool_or(coalesce(c.is_linkable, false)) as is_linkable,
    any_value(d.died_on) as died_on
from person_index.person_of_client as p
left join standard.clients as c using (client_key)
left join members.deaths as d using (person_id)
group by p.person_id
order by p.person_id
