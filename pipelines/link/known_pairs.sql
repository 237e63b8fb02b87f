-- Grain: one row per pair of identities that the last run scored and that are both still there, with their places.
-- Inputs: linked.links, linkage.candidates. match_key: the first rule that meets the pair now, filled in later.
select
    k.identity_id_l, k.identity_id_r, k.client_key_l, k.client_key_r, k.match_weight,
    null::varchar as match_key,
    k.guard, l.rowid as left_place, r.rowid as right_place
from linked.links as k
inner join linkage.candidates as l on k.identity_id_l = l.identity_id
inner join linkage.candidates as r on k.identity_id_r = r.identity_id
