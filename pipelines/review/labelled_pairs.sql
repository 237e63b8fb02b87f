-- Grain: pair of the sample with a clear label, as the linkage now stands.
-- Inputs: review.labels (pair_id, label), review.key (the sample's key), standard.identities, linked.clusters,
--         review.decided (agency_l, client_id_l, agency_r, client_id_r, smaller side first)
-- is_unchanged: both clients are seen with just the identities that the reviewer saw.
-- is_together: now; of a pair that was decided on since, as when the sample was drawn, for a decision puts right only
--              the pair that happened to be looked at.
with contents as (
    select client_key, list(identity_id order by identity_id) as content
    from standard.identities
    group by client_key
)

select
    key.pair_id, key.client_key_l, key.client_key_r, key.agency_l, key.agency_r, key.stratum,
    labels.label = 'same' as is_same,
    case
        when decided.agency_l is null then coalesce(l.cluster_id = r.cluster_id, false) else key.is_linked
    end as is_together,
    l.client_key is not null and r.client_key is not null
    and coalesce(cl.content, []) = coalesce(key.content_l, [])
    and coalesce(cr.content, []) = coalesce(key.content_r, []) as is_unchanged
from review.key as key
inner join review.labels as labels on key.pair_id = labels.pair_id and labels.label in ('same', 'different')
left join linked.clusters as l on key.client_key_l = l.client_key
left join linked.clusters as r on key.client_key_r = r.client_key
left join contents as cl on key.client_key_l = cl.client_key
left join contents as cr on key.client_key_r = cr.client_key
left join review.decided as decided
    on
        least((key.agency_l, key.client_id_l), (key.agency_r, key.client_id_r))
        = (decided.agency_l, decided.client_id_l)
        and greatest((key.agency_l, key.client_id_l), (key.agency_r, key.client_id_r))
        = (decided.agency_r, decided.client_id_r)
order by key.pair_id
