-- Grain: one row per distinct text that stands in a birth date field.
-- Inputs: linkage.identity_sources.
with written as (
    select distinct birth_date from linkage.identity_sources where birth_date is not null
),

read as materialized (
    select birth_date, birth_pieces(birth_date) as pieces from written
),

coded as materialized (
    select birth_date, pieces, nullif(pieces[1] || lpad(pieces[2], 2, '0') || lpad(pieces[3], 2, '0'), '') as birth_code
    from read
),

judged as materialized (
    select birth_date, pieces, birth_code, birth_date_placeholder(birth_code) as placeholder_kind from coded
)

select
    birth_date, placeholder_kind,
    case when placeholder_kind is null then birth_code end as birth_code,
    case when placeholder_kind is null then small_number(pieces[1]) end as birth_year,
    case when placeholder_kind is null then small_number(pieces[2]) end as birth_month,
    case when placeholder_kind is null then small_number(pieces[3]) end as birth_day
from judged
