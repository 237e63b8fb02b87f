-- Grain: one row: counts of pairs, B-cubed rates and persons, over the clients of a group.
-- Inputs: measured.counted_clients, measured.person_pairs.
-- A pair counts if either of its clients does. B-cubed: for each client, the share of its found person that is
-- right, and the share of its true person that was found. A person counts if any of its clients does.
with persons as (
    select true_person, bool_and(both_count = true_count and both_count = found_count) as is_exact
    from measured.counted_clients where is_in group by true_person
),

pairs as (
    select
        coalesce(sum(pairs) filter (where side = 'true'), 0)::bigint as true_pairs,
        coalesce(sum(pairs) filter (where side = 'found'), 0)::bigint as found_pairs,
        coalesce(sum(right_pairs) filter (where side = 'true'), 0)::bigint as right_pairs
    from measured.person_pairs
)

select
    p.true_pairs, p.found_pairs, p.right_pairs,
    (select count(*) from measured.counted_clients where is_in) as clients,
    (select avg(both_count / found_count) from measured.counted_clients where is_in) as bcubed_precision,
    (select avg(both_count / true_count) from measured.counted_clients where is_in) as bcubed_recall,
    (select count(*) from persons) as persons,
    (select avg(is_exact::integer) from persons) as persons_exactly_right
from pairs as p
