-- Grain: true person (side `true`) or found person (side `found`): its pairs with a client of the group, and of them
-- those in error: not found, or not true.
-- Inputs: measured.counted_clients. A pair counts if either of its clients is of the group.
with parts as (
    select true_person, found_person, count(*)::bigint as n, count_if(not is_in)::bigint as n_out
    from measured.counted_clients group by true_person, found_person
),

right_pairs as (
    select *, n * (n - 1) // 2 - n_out * (n_out - 1) // 2 as pairs from parts
),

sides as (
    select 'true' as side, true_person as person, sum(n)::bigint as n, sum(n_out)::bigint as n_out,
        sum(pairs)::bigint as right_pairs
    from right_pairs group by person
    union all
    select 'found', found_person as person, sum(n)::bigint, sum(n_out)::bigint, sum(pairs)::bigint
    from right_pairs group by person
)

select
    side, person, n * (n - 1) // 2 - n_out * (n_out - 1) // 2 as pairs, right_pairs, pairs - right_pairs as errors
from sides
