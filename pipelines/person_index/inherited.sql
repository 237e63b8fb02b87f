-- grain: pairs of old person and new cluster that are each other's best remaining match
-- inputs: work.candidate (person_id, cluster_id, shared_clients)
-- More shared clients first, then the older person, then the lower cluster: a total order, so the result is unique.
select
    candidate.person_id,
    candidate.cluster_id
from work.candidate as candidate
qualify
    row_number() over (
        partition by candidate.cluster_id order by candidate.shared_clients desc, candidate.person_id
    ) = 1
    and row_number() over (
        partition by candidate.person_id order by candidate.shared_clients desc, candidate.cluster_id
    ) = 1
