-- grain: a partnership enrolment of a person with one provider, with the partnership it is part of
-- inputs: standard.partnerships, person_index.person_of_client
with
dated as (
    select
        p.person_id,
        e.*,
        coalesce(e.ended_on + $max_gap_days::integer, date '9999-12-31') as joins_until_on
    from standard.partnerships as e
    inner join person_index.person_of_client as p using (client_key)
),

reached as (
    select
        *,
        max(joins_until_on) over (
            partition by person_id order by started_on, enrollment_id
            rows between unbounded preceding and 1 preceding
        ) as reached_on
    from dated
),

numbered as (
    select
        *,
        count(*) filter (where reached_on is null or started_on > reached_on) over (
            partition by person_id order by started_on, enrollment_id
            rows between unbounded preceding and current row
        ) as episode_number
    from reached
)

select
    'partnership-' || left(md5(min(enrollment_id) over (partition by person_id, episode_number)), 16) as episode_id,
    person_id,
    agency,
    source_table,
    enrollment_id as source_key,
    provider_id,
    age_group_code,
    started_on,
    ended_on,
    discontinuation_reason_code,
    focal_homeless,
    focal_justice,
    focal_crisis,
    _delivery_id,
    _line_number
from numbered
