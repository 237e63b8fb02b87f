-- grain: a psychiatric emergency contact of a person, with the visit it is part of
-- inputs: standard.psychiatric_emergency_contacts, person_index.person_of_client
with
dated as (
    select
        p.person_id,
        c.agency,
        c.source_table,
        c.contact_id,
        c.rule_code,
        c.started_at,
        greatest(coalesce(c.ended_at, c.started_at), c.started_at) as ended_at,
        c.agency || '|' || c.source_table || '|' || c.contact_id as source_order,
        c._delivery_id,
        c._line_number
    from standard.psychiatric_emergency_contacts as c
    inner join person_index.person_of_client as p using (client_key)
    where list_contains($rule_codes::varchar[], c.rule_code) and c.started_at is not null
),

reached as (
    select
        *,
        max(ended_at) over (
            partition by person_id order by started_at, source_order
            rows between unbounded preceding and 1 preceding
        ) as reached_at
    from dated
),

numbered as (
    select
        *,
        count(*) filter (where reached_at is null or started_at > reached_at + to_hours($max_gap_hours::integer)) over (
            partition by person_id order by started_at, source_order
            rows between unbounded preceding and current row
        ) as episode_number
    from reached
)

select
    'emergency-' || left(md5(min(source_order) over (partition by person_id, episode_number)), 16) as episode_id,
    person_id,
    agency,
    source_table,
    contact_id as source_key,
    rule_code,
    started_at,
    ended_at,
    _delivery_id,
    _line_number
from numbered
