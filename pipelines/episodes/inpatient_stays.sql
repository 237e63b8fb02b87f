-- grain: an inpatient stay of a person in one agency's records, with the episode it is part of
-- inputs: standard.inpatient_stays, person_index.person_of_client
with
dated as (
    select
        p.person_id,
        s.*,
        s.agency || '|' || s.stay_id as source_order,
        coalesce(s.discharged_on + $max_gap_days::integer, date '9999-12-31') as joins_until_on
    from standard.inpatient_stays as s
    inner join person_index.person_of_client as p using (client_key)
),

reached as (
    select
        *,
        max(joins_until_on) over (
            partition by person_id, facility_class_code order by admitted_on, source_order
            rows between unbounded preceding and 1 preceding
        ) as reached_on
    from dated
),

numbered as (
    select
        *,
        count(*) filter (where reached_on is null or admitted_on > reached_on) over (
            partition by person_id, facility_class_code order by admitted_on, source_order
            rows between unbounded preceding and current row
        ) as episode_number
    from reached
)

select
    'inpatient-' || left(
        md5(min(source_order) over (partition by person_id, facility_class_code, episode_number)), 16
    ) as episode_id,
    person_id,
    agency,
    source_table,
    stay_id as source_key,
    facility_class_code,
    admitted_on,
    discharged_on,
    _delivery_id,
    _line_number
from numbered
