-- grain: a person, the provider that held the open partnership, and a quarter
-- inputs: names of a table of `member_spans`, of a table of persons, of a table of what happened
--         (person_id, provider_id, period, events), and of days that are not at risk (person_id, provider_id, period,
--         days)
-- Reads only the tables that it is handed, because a macro that names a table cannot be made before the table is there.
create or replace macro member_rates(spans, persons, member_events, away_days) as table
with
members as (
    select
        person_id,
        provider_id,
        period,
        any_value(quarter_from_on) as quarter_from_on,
        any_value(quarter_to_on) as quarter_to_on,
        any_value(observed_through_on) as observed_through_on,
        sum(to_on - from_on) as member_days
    from query_table(spans)
    group by person_id, provider_id, period
)

select
    m.person_id,
    m.provider_id,
    'FSP' as program_code,
    m.period,
    m.quarter_from_on as index_on,
    m.quarter_to_on as window_end_on,
    rate_status(
        w.is_linkable,
        m.quarter_to_on <= m.observed_through_on,
        w.died_on between m.quarter_from_on and m.quarter_to_on,
        e.events > 0
    ) as status_code,
    coalesce(e.events, 0)::double as numerator,
    round((m.member_days - coalesce(a.days, 0)) / 30.4375, 6) as person_time,
    flag_list([
        case when w.died_on between m.quarter_from_on and m.quarter_to_on then 'died_in_window' end,
        case when not w.is_linkable then 'unlinkable' end
    ]) as flags
from members as m
inner join query_table(persons) as w using (person_id)
left join query_table(member_events) as e using (person_id, provider_id, period)
left join query_table(away_days) as a using (person_id, provider_id, period);
