-- grain: a psychiatric emergency visit: one crisis of one person, whichever agencies recorded it
-- inputs: members.psychiatric_emergency_contacts
with
-- there are few ways to be told and many visits: what a set of ways is called is said once; 126 ways fit
ways as (
    select agency, rule_code, 1::hugeint << (row_number() over (order by agency, rule_code))::integer as way_bit
    from (select distinct agency, rule_code from members.psychiatric_emergency_contacts) as told
),

gathered as (
    select
        c.episode_id,
        any_value(c.person_id) as person_id,
        min(c.started_at) as started_at,
        max(c.ended_at) as ended_at,
        count(*) as contact_count,
        bit_or(w.way_bit) as way_bits
    from members.psychiatric_emergency_contacts as c
    inner join ways as w using (agency, rule_code)
    group by c.episode_id
),

way_sets as (
    select
        s.way_bits,
        array_to_string(list_sort(list(distinct w.agency)), ',') as agencies,
        array_to_string(list_sort(list(distinct w.rule_code)), ',') as rule_codes
    from (select distinct way_bits from gathered) as s
    inner join ways as w on s.way_bits & w.way_bit <> 0
    group by s.way_bits
)

select
    g.episode_id,
    g.person_id,
    g.started_at,
    g.ended_at,
    g.started_at::date as started_on,
    g.contact_count,
    s.agencies,
    s.rule_codes,
    g.contact_count as source_count
from gathered as g
inner join way_sets as s using (way_bits)
order by g.episode_id
