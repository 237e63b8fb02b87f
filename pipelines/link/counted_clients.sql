-- Grain: one row per client of the truth: the sizes of its true and its found person, and whether it is of the group.
-- Inputs: measured.measured_clients, measured.groups (client, cut, cut_value); $cut (`all`: everyone), $value.
select
    c.client, c.true_person, c.found_person,
    $cut = 'all' or g.client is not null as is_in,
    count(*) over (partition by true_person, found_person) as both_count,
    count(*) over (partition by true_person) as true_count,
    count(*) over (partition by found_person) as found_count
from measured.measured_clients as c
left join measured.groups as g on c.client = g.client and g.cut = $cut and g.cut_value = $value
