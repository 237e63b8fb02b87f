-- Grain: none; scalar macros.
-- Inputs: none.
-- American Soundex of a name in A–Z: 1 to 6 for consonants, H and W passed over, runs as one, vowels out.
create or replace macro soundex_digits(name) as translate(
    left(name, 1) || regexp_replace(substr(name, 2), '[HW]', '', 'g'),
    'ABCDEFGHIJKLMNOPQRSTUVWXYZ', '01230120022455012623010202'
);

create or replace macro without_runs(digits) as regexp_replace(regexp_replace(regexp_replace(regexp_replace(
    regexp_replace(regexp_replace(digits, '1+', '1', 'g'), '2+', '2', 'g'), '3+', '3', 'g'), '4+', '4', 'g'
), '5+', '5', 'g'), '6+', '6', 'g');

create or replace macro soundex(name) as
    left(name, 1) || left(replace(substr(without_runs(soundex_digits(name)), 2), '0', '') || '000', 3);
