-- grain: an index day of a person in a cohort, with the kinds of return to jail in its window
-- inputs: names of a table of index days (person_id, cohort, index_on and whatever else is to be kept) and of a table
--         of custody episodes
-- kinds: a bit for each of the 64 kinds of return that occurred, so that every variant of a measure asks these 64 bits
-- and not the bookings again. A kind is the sum of 1 (felony), 2 (technical), 4 (court return), 8 (hold for another
-- agency), 16 (warrant for what was done before the index, which is no new failure) and 32 (cited and released).
-- Reads only the tables that it is handed, because a macro that names a table cannot be made before the table is there.
create or replace macro return_kinds(index_days, custody, months) as table
with
indexed as (
    select
        *,
        (index_on + to_months(months::integer))::date as window_end_on
    from query_table(index_days)
),

returns as (
    select
        i.person_id,
        i.index_on,
        i.cohort,
        bit_or(1::ubigint << (
            c.is_felony::integer
            + 2 * c.is_technical::integer
            + 4 * c.is_court_return::integer
            + 8 * c.is_other_agency_hold::integer
            + 16 * coalesce(c.is_warrant and c.latest_offense_on <= i.index_on, false)::integer
            + 32 * c.is_cite_and_release::integer
        )::ubigint) as kinds
    from indexed as i
    inner join query_table(custody) as c
        on i.person_id = c.person_id and i.index_on < c.started_on and i.window_end_on >= c.started_on
    group by i.person_id, i.index_on, i.cohort
)

select
    i.*,
    coalesce(r.kinds, 0::ubigint) as kinds
from indexed as i
left join returns as r on i.person_id = r.person_id and i.index_on = r.index_on and i.cohort = r.cohort;
