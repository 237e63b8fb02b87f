-- Grain: labelled pair × cut × value that it counts for: a pair counts if either of its clients does, once.
-- Inputs: review.labelled_pairs, person_index.client_attributes
with ends as (
    select pair_id, client_key_l as client_key from review.labelled_pairs
    union all
    select pair_id, client_key_r from review.labelled_pairs
),

said as (
    select ends.pair_id, a.* exclude (client_key)
    from ends
    inner join person_index.client_attributes as a using (client_key)
),

by_value as (
    unpivot said on columns(* exclude (pair_id)) into name cut_code value cut_value
)

select distinct pair_id, cut_code, cut_value from by_value
union all
select pair_id, 'all', 'all' from review.labelled_pairs
union all
select pair_id, 'agency_pair', least(agency_l, agency_r) || '+' || greatest(agency_l, agency_r)
from review.labelled_pairs
where agency_l <> agency_r
