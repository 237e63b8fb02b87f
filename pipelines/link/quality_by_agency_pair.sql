-- Grain: one row per pair of agencies (an agency with itself too): true, found and right pairs.
-- Inputs: measured.measured_clients (client, agency, true_person, found_person).
with true_pairs as (
    select
        least(a.agency, b.agency) || '+' || greatest(a.agency, b.agency) as agency_pair,
        count(*) as true_pairs, count_if(a.found_person = b.found_person) as right_pairs
    from measured.measured_clients as a
    inner join measured.measured_clients as b on a.true_person = b.true_person and a.client < b.client
    group by agency_pair
),

found_pairs as (
    select least(a.agency, b.agency) || '+' || greatest(a.agency, b.agency) as agency_pair, count(*) as found_pairs
    from measured.measured_clients as a
    inner join measured.measured_clients as b on a.found_person = b.found_person and a.client < b.client
    group by agency_pair
)

select
    agency_pair,
    coalesce(t.true_pairs, 0) as true_pairs,
    coalesce(f.found_pairs, 0) as found_pairs,
    coalesce(t.right_pairs, 0) as right_pairs
from true_pairs as t
full join found_pairs as f using (agency_pair)
order by agency_pair
