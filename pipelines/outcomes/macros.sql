-- What every measure says in the same words; one macro a statement.
-- A person nobody could link is unknown before anything else is asked; an immature window never enters a denominator.
create or replace macro outcome_status(is_known, is_excluded, is_mature, is_met) as
case
    when not coalesce(is_known, false) then 'unknown'
    when coalesce(is_excluded, false) then 'excluded'
    when not coalesce(is_mature, false) then 'immature'
    when coalesce(is_met, false) then 'met'
    else 'not_met'
end;

-- A rate keeps the time of a person who died on the way: the clock stops, and the row says so.
create or replace macro rate_status(is_known, is_mature, is_censored, has_events) as
case
    when not coalesce(is_known, false) then 'unknown'
    when not coalesce(is_mature, false) then 'immature'
    when coalesce(is_censored, false) then 'censored'
    when coalesce(has_events, false) then 'met'
    else 'not_met'
end;

-- Flags as one text, sorted, so that the same facts are the same bytes.
create or replace macro flag_list(flags) as
array_to_string(list_sort(list_filter(flags, lambda flag: flag is not null)), ',');

create or replace macro quarter_code(day) as (year(day)::varchar || 'Q' || quarter(day)::varchar);

create or replace macro quarter_end(day) as (date_trunc('quarter', day) + interval 3 month - interval 1 day)::date;
