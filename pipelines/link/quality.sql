-- Grain: one row: counts of pairs, B-cubed rates and persons, over the clients of persons with $value of $cut.
-- Inputs: measured.measured_clients, measured.attributes (person_id, cut, cut_value).
-- A pair counts if either of its clients does. B-cubed: for each client, the share of its found person that is
-- right, and the share of its true person that was found.
with clients as (
    select
        c.*,
        $cut = 'all' or a.person_id is not null as is_in
    from measured.measured_clients as c
    left join measured.attributes as a
        on c.true_person = a.person_id and a.cut = $cut and a.cut_value = $value
),

counted as (
    select
        *,
        count(*) over (partition by true_person, found_person) as both_count,
        count(*) over (partition by true_person) as true_count,
        count(*) over (partition by found_person) as found_count,
        count_if(is_in) over (partition by found_person) as found_in_count
    from clients
),

persons as (
    select true_person, bool_and(both_count = true_count and both_count = found_count) as is_exact
    from counted where is_in group by true_person
),

true_sizes as (
    select true_person, count(*)::bigint as n from counted where is_in group by true_person
),

right_sizes as (
    select true_person, found_person, count(*)::bigint as n from counted where is_in group by true_person, found_person
),

found_sizes as (
    select found_person, any_value(found_count)::bigint as n, any_value(found_in_count)::bigint as n_in
    from counted where is_in group by found_person
)

select
    (select coalesce(sum(n * (n - 1) // 2), 0)::bigint from true_sizes) as true_pairs,
    (
        select coalesce(sum(n * (n - 1) // 2 - (n - n_in) * (n - n_in - 1) // 2), 0)::bigint from found_sizes
    ) as found_pairs,
    (select coalesce(sum(n * (n - 1) // 2), 0)::bigint from right_sizes) as right_pairs,
    (select count(*) from counted where is_in) as clients,
    (select avg(both_count / found_count) from counted where is_in) as bcubed_precision,
    (select avg(both_count / true_count) from counted where is_in) as bcubed_recall,
    (select count(*) from persons) as persons,
    (select avg(is_exact::integer) from persons) as persons_exactly_right
