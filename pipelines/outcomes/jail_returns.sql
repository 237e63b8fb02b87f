-- grain: an index day of a person in a cohort, judged by the returns in its window
-- inputs: name of a table of index days with what `return_kinds` says of them (person_id, provider_id, program_code,
--         period, index_on, window_end_on, is_linkable, died_on, observed_through_on, kinds)
-- Reads only the table that it is handed, because a macro that names a table cannot be made before the table is there.
-- The bits of all kinds that are felonies, technical, and so on; `return_kinds` says what a kind is.
create or replace macro felonies() as 12297829382473034410::ubigint;
create or replace macro technical() as 14757395258967641292::ubigint;
create or replace macro court_returns() as 17361641481138401520::ubigint;
create or replace macro other_agency_holds() as 18374966859414961920::ubigint;
create or replace macro old_warrants() as 18446462603027742720::ubigint;
create or replace macro cited_and_released() as 18446744069414584320::ubigint;

-- Kinds less those that do not count.
create or replace macro unless_counted(kinds, those, is_counted) as
case when is_counted then kinds else kinds & ~those end;

create or replace macro jail_returns(
    index_kinds,
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
        coalesce(died_on <= window_end_on, false) as has_died
    from query_table(index_kinds)
),

-- there are few combinations of kinds, and millions of index days: what a combination means is said once
combinations as (
    select distinct kinds, has_died, is_linkable
    from indexed
),

qualified as (
    select
        *,
        unless_counted(
            unless_counted(
                unless_counted(
                    unless_counted(
                        unless_counted(kinds, technical(), counts_technical), court_returns(), counts_court_returns
                    ),
                    other_agency_holds(),
                    counts_other_agency_holds
                ),
                old_warrants(),
                counts_old_warrants
            ),
            cited_and_released(),
            counts_cite_and_release
        ) as qualifying
    from combinations
),

told as (
    select
        *,
        qualifying & felonies() <> 0 as has_felony,
        qualifying & ~technical() & ~old_warrants() <> 0 as has_new_offense,
        kinds <> 0 and kinds & ~technical() = 0 as is_technical_only
    from qualified
),

judged as (
    select
        kinds,
        has_died,
        is_linkable,
        -- what did not qualify is told by flags; a variant that counts everything takes it in again
        coalesce(
            case counted_as
                when 'qualifying' then qualifying <> 0
                when 'any' then kinds <> 0
                when 'felony' then has_felony
                when 'new_offense' then has_new_offense
                when 'technical_only' then is_technical_only
            end,
            false
        ) as is_met,
        -- in the order of the alphabet, as `flag_list` would have them
        concat_ws(
            ',',
            case when kinds & cited_and_released() <> 0 then 'cite_and_release' end,
            case when kinds & court_returns() <> 0 then 'court_return' end,
            case when has_died then 'died_in_window' end,
            case when kinds & old_warrants() <> 0 then 'old_warrant' end,
            case when kinds & other_agency_holds() <> 0 then 'other_agency_hold' end,
            case when kinds <> 0 then 'return_any' end,
            case when has_felony then 'return_felony' end,
            case when has_new_offense then 'return_new_offense' end,
            case when is_technical_only then 'return_technical_only' end,
            case when not is_linkable then 'unlinkable' end
        ) as flags
    from told
)

select
    i.person_id,
    i.provider_id,
    i.program_code,
    i.period,
    i.index_on,
    i.window_end_on,
    outcome_status(
        -- who came back before they died did come back; of the others nobody knows what they would have done
        i.is_linkable, i.has_died and not j.is_met, i.window_end_on <= i.observed_through_on, j.is_met
    ) as status_code,
    j.is_met::integer::double as numerator,
    null::double as person_time,
    j.flags
from indexed as i
inner join judged as j
    on i.kinds = j.kinds and i.has_died = j.has_died and i.is_linkable is not distinct from j.is_linkable;
