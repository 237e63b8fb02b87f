-- grain: event of this version of the index, in the order in which a reader would tell them
-- inputs: work.person_before, work.person_now (client_key, person_id), work.overlap, work.person_of_cluster,
--         work.minted (person_id)
with moves as (
    select
        coalesce(before.client_key, now.client_key) as client_key,
        before.person_id as person_before,
        now.person_id as person_now
    from work.person_before as before
    full outer join work.person_now as now using (client_key)
    where before.person_id is distinct from now.person_id
),

gone as (
    select distinct person_id from work.person_before
    except
    select distinct person_id from work.person_now
),

heirs as (
    select
        overlap.person_id,
        named.person_id as heir_id
    from work.overlap as overlap
    inner join work.person_of_cluster as named using (cluster_id)
    inner join gone on overlap.person_id = gone.person_id
    qualify row_number() over (
        partition by overlap.person_id order by overlap.shared_clients desc, named.person_id
    ) = 1
),

origins as (
    select distinct
        moves.person_before as person_id,
        moves.person_now as part_id
    from moves
    inner join work.minted as minted on moves.person_now = minted.person_id
    where moves.person_before is not null
),

told as (
    select 1 as chapter, 'created' as event_code, person_id, null as other_person_id, null as client_key
    from work.minted
    union all
    select 2, 'split', person_id, part_id, null from origins
    union all
    select 3, 'merged', person_id, heir_id, null from heirs
    union all
    select 4, 'client_left', person_before, person_now, client_key from moves where person_before is not null
    union all
    select 5, 'client_joined', person_now, person_before, client_key from moves where person_now is not null
    union all
    select 6, 'retired', gone.person_id, null, null from gone anti join heirs using (person_id)
)

select
    event_code,
    person_id::bigint as person_id,
    other_person_id::bigint as other_person_id,
    client_key::bigint as client_key
from told
order by chapter, person_id, client_key, other_person_id
