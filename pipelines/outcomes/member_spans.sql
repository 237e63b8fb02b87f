-- grain: a person, the provider that held the open partnership, a quarter, and a span of days at risk in it
-- inputs: names of a table of partnership spans and of a table of the day that every source has reached
-- Reads only the tables that it is handed, because a macro that names a table cannot be made before the table is there.
create or replace macro member_spans(partnership_spans, observed_through) as table
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
    from query_table(partnership_spans) as s
    cross join query_table(observed_through) as o
    where s.started_on <= o.observed_through_on
)

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
from quarters;
