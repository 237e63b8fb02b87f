-- grain: one row: how the persons of two partitions of the same clients compare
-- inputs: work.before, work.now (client_key, person_id)
with before_sets as (
    select person_id, list(client_key order by client_key) as members from work.before group by person_id
),

now_sets as (
    select person_id, list(client_key order by client_key) as members from work.now group by person_id
)

select
    (select count(*) from work.now) as clients,
    (select count(*) from before_sets) as persons_before,
    (select count(*) from now_sets) as persons_now,
    (
        select count(*) from before_sets as b inner join now_sets as n
            on b.person_id = n.person_id and b.members = n.members
    ) as persons_unchanged,
    (select count(*) from before_sets semi join now_sets using (person_id)) as ids_carried_over,
    (
        select count(*) from work.before as b inner join work.now as n
            on b.client_key = n.client_key and b.person_id <> n.person_id
    ) as clients_moved
