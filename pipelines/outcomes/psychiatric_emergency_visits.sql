-- grain: a person, the provider that held the open partnership, and a quarter
-- inputs: episodes.partnership_spans, episodes.persons, episodes.psychiatric_emergency, needs.observed_through
with
quarters as (
    select
        s.person_id,
        s.provider_id,
        s.started_on,
        s.ended_on,
        o.observed_through_on,
        unnest(generate_series(
            date_trunc('quarter', s.started_on)::timestamp,
            least(coalesce(s.ended_on - 1, o.observed_through_on), o.observed_through_on)::timestamp,
            interval 3 month
        )) as quarter_at
    from episodes.partnership_spans as s
    cross join needs.observed_through as o
    where s.started_on <= o.observed_through_on
),

pieces as (
    select
        person_id,
        provider_id,
        quarter_code(quarter_at) as period,
        quarter_at::date as quarter_from_on,
        quarter_end(quarter_at) as quarter_to_on,
        greatest(started_on, quarter_at::date) as from_on,
        -- half-open, and nothing is known after the last day that every source has reached
        least(
            coalesce(ended_on, date '9999-12-31'), quarter_end(quarter_at) + 1, observed_through_on + 1
        ) as to_on,
        observed_through_on
    from quarters
),

members as (
    select
        person_id,
        provider_id,
        period,
        any_value(quarter_from_on) as quarter_from_on,
        any_value(quarter_to_on) as quarter_to_on,
        any_value(observed_through_on) as observed_through_on,
        sum(to_on - from_on) as member_days
    from pieces
    group by person_id, provider_id, period
),

events as (
    select p.person_id, p.provider_id, p.period, count(*) as events
    from pieces as p
    inner join episodes.psychiatric_emergency as v
        on p.person_id = v.person_id and p.from_on <= v.started_on and p.to_on > v.started_on
    group by p.person_id, p.provider_id, p.period
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
    round(m.member_days / 30.4375, 6) as person_time,
    flag_list([
        case when w.died_on between m.quarter_from_on and m.quarter_to_on then 'died_in_window' end,
        case when not w.is_linkable then 'unlinkable' end
    ]) as flags
from members as m
inner join episodes.persons as w using (person_id)
left join events as e using (person_id, provider_id, period)
