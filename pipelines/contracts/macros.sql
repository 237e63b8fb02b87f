-- What clauses say in the same words of a result's cell; one macro a statement.
-- How many units a cell holds of a clause that pays for persons.
create or replace macro units_counted(counts, pays_when, n, numerator) as
case
    when counts = 'numerator' or pays_when = 'met' then numerator
    when pays_when = 'not_met' then n - numerator
    else n
end;

-- The statement's period that holds a day: 2025-07, 2025Q3, 2025, or `whole` for a single statement.
create or replace macro statement_period(day, statement_every) as
case statement_every
    when 'month' then strftime(day, '%Y-%m')
    when 'quarter' then concat(year(day), 'Q', quarter(day))
    when 'year' then year(day)::varchar
    else 'whole'
end;

-- Whether a clause is decided by a cell: a provider's quarter, a programme, or everybody.
create or replace macro is_paid_by(pays_per, program_code, cut_code, cut_value, period) as
case
    when pays_per = 'provider_period' then cut_code = 'provider' and regexp_full_match(period, '\d{4}Q[1-4]')
    when program_code is null then cut_code = 'all'
    else cut_code = 'program' and program_code = cut_value
end;
