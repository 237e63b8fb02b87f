-- A Mental Health client extract: one row a client, the twenty columns of mental_health.client, all of them valid.
-- One address in twenty holds a comma, so it is quoted. Parameter: rows.
select
    'C' || lpad(i::varchar, 9, '0') as client_id,
    'A' || lpad((i * 7 % 100000000)::varchar, 8, '0') as cin,
    ['Alder', 'Beech', 'Cedar', 'Date', 'Elder', 'Fir', 'Ginkgo', 'Hazel', 'Ivy', 'Juniper'][(hash(i) % 10)::bigint + 1]
    || ((hash(i, 1) % 9973)::bigint)::varchar as last_name,
    ['Ada', 'Ben', 'Cleo', 'Dan', 'Eve', 'Finn', 'Gia', 'Hal', 'Ines', 'José'][(hash(i, 2) % 10)::bigint + 1] as first_name,
    if((hash(i, 3) % 3)::bigint = 0, null, chr((65 + (hash(i, 4) % 26)::bigint)::int)) as middle_name,
    if((hash(i, 5) % 40)::bigint = 0, 'Jr', null) as name_suffix,
    strftime(date '1930-01-01' + ((hash(i, 6) % 30000)::bigint)::int, '%Y-%m-%d') as birth_date,
    if((hash(i, 7) % 4)::bigint = 0, null, lpad(((hash(i, 8) % 899999999)::bigint + 100000000)::varchar, 9, '0')) as ssn,
    ['F', 'M', 'U'][(hash(i, 9) % 3)::bigint + 1] as sex_code,
    ['W', 'B', 'H', 'A', 'I'][(hash(i, 10) % 5)::bigint + 1] as race_code,
    ['H', 'N', 'U'][(hash(i, 11) % 3)::bigint + 1] as ethnicity_code,
    ['ENG', 'SPA', 'KOR', null][(hash(i, 12) % 4)::bigint + 1] as preferred_language_code,
    ((hash(i, 13) % 9999)::bigint)::varchar || ' Main St' || if((hash(i, 14) % 20)::bigint = 0, ', Apt ' || ((hash(i, 15) % 90)::bigint)::varchar, '')
        as address_line,
    ['Los Angeles', 'Long Beach', 'Pomona', 'Compton', 'Lancaster'][(hash(i, 16) % 5)::bigint + 1] as city,
    'CA' as state_code,
    (90001 + (hash(i, 17) % 5000)::bigint)::varchar as zip_code,
    if((hash(i, 18) % 3)::bigint = 0, null, (2130000000 + (hash(i, 19) % 9999999)::bigint)::varchar) as phone,
    null as died_on,
    strftime(timestamp '2026-01-01' + to_seconds(((hash(i, 20) % 25000000)::bigint)::int), '%Y-%m-%d %H:%M:%S') as updated_at,
    'U' as record_action
from range($rows) as numbers (i)
