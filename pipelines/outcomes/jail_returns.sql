-- grain: an index day of a person in a cohort, judged by the bookings after it
-- inputs: names of a table of index days (person_id, provider_id, program_code, period, cohort, index_on, is_linkable,
--         died_on, observed_through_on) and of a table of custody episodes
-- Reads only the tables that it is handed, because a macro that names a table cannot be made before the table is there.
create or replace macro jail_returns(
    index_days,
    custody,
    months,
    counts_technical,
    counts_court_returns,
    counts_other_agency_holds,
    counts_old_warrants,
    counts_cite_and_release,
    counted_as
) as table
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
        c.started_on,
        c.is_felony,
        c.is_technical,
        c.is_court_return,
        c.is_other_agency_hold,
        c.is_cite_and_release,
        -- a warrant for what was done before the index is no new failure
        coalesce(c.is_warrant and c.latest_offense_on <= i.index_on, false) as is_old_warrant
    from indexed as i
    inner join query_table(custody) as c
        on i.person_id = c.person_id and i.index_on < c.started_on and i.window_end_on >= c.started_on
),

qualified as (
    select
        *,
        (counts_technical or not is_technical)
        and (counts_court_returns or not is_court_return)
        and (counts_other_agency_holds or not is_other_agency_hold)
        and (counts_old_warrants or not is_old_warrant)
        and (counts_cite_and_release or not is_cite_and_release) as is_qualifying
    from returns
),

summed as (
    select
        person_id,
        index_on,
        cohort,
        bool_or(is_qualifying) as has_returned,
        bool_or(is_qualifying and is_felony) as has_felony,
        bool_or(is_qualifying and not is_technical and not is_old_warrant) as has_new_offense,
        bool_and(is_technical) as is_technical_only,
        bool_or(is_court_return) as has_court_return,
        bool_or(is_other_agency_hold) as has_other_agency_hold,
        bool_or(is_old_warrant) as has_old_warrant,
        bool_or(is_cite_and_release) as has_cite_and_release
    from qualified
    group by person_id, index_on, cohort
),

judged as (
    select
        i.*,
        s.* exclude (person_id, index_on, cohort),
        -- what did not qualify is told by flags; a variant that counts everything takes it in again
        case counted_as
            when 'qualifying' then s.has_returned
            when 'any' then s.person_id is not null
            when 'felony' then s.has_felony
            when 'new_offense' then s.has_new_offense
            when 'technical_only' then s.is_technical_only
        end as is_met,
        coalesce(i.died_on <= i.window_end_on, false) as has_died,
        i.window_end_on <= i.observed_through_on as is_mature
    from indexed as i
    left join summed as s on i.person_id = s.person_id and i.index_on = s.index_on and i.cohort = s.cohort
)

select
    person_id,
    provider_id,
    program_code,
    period,
    index_on,
    window_end_on,
    outcome_status(
        -- who came back before they died did come back; of the others nobody knows what they would have done
        is_linkable, has_died and not coalesce(is_met, false), is_mature, is_met
    ) as status_code,
    coalesce(is_met, false)::integer::double as numerator,
    null::double as person_time,
    flag_list([
        case when has_died then 'died_in_window' end,
        case when has_returned is not null then 'return_any' end,
        case when has_felony then 'return_felony' end,
        case when has_new_offense then 'return_new_offense' end,
        case when is_technical_only then 'return_technical_only' end,
        case when has_court_return then 'court_return' end,
        case when has_other_agency_hold then 'other_agency_hold' end,
        case when has_old_warrant then 'old_warrant' end,
        case when has_cite_and_release then 'cite_and_release' end,
        case when not is_linkable then 'unlinkable' end
    ]) as flags
from judged;
