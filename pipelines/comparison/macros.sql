-- How many days a candidate is followed: until they die, are treated after all, the data ends, or the window does.
create or replace macro followed_days(index_on, died_on, treated_later_on, observed_through_on, window_days) as
least(
    observed_through_on::date - index_on,
    coalesce(died_on - index_on, window_days::integer),
    coalesce(treated_later_on - index_on, window_days::integer),
    window_days::integer
)::integer;
