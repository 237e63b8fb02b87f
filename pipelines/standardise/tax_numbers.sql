-- Grain: one row per distinct text that stands in a field for a Social Security number.
-- Inputs: linkage.identity_sources, linkage.birth_dates (birth_date, birth_year).
-- Digits are read once; what they may be is judged on them, and on how many people they are said of.
with written as (
    select ssn as ssn_written, count(*) as row_count
    from linkage.identity_sources
    where ssn is not null
    group by ssn
),

read as materialized (
    select
        ssn_written, row_count, read_digits(ssn_written) as digits, masked_last4(ssn_written) as masked,
        ssn_of(ssn_written, digits, masked) as ssn, itin_of(digits) as itin
    from written
),

-- Few numbers stand in so many rows; only these are looked at.
frequent as (
    select digits from read where coalesce(ssn, itin) is not null group by digits having is_lent(sum(row_count))
),

lent as (
    select r.digits
    from linkage.identity_sources as s
    inner join read as r on s.ssn = r.ssn_written
    left join linkage.birth_dates as b on s.birth_date = b.birth_date
    where r.digits in (select digits from frequent)
    group by r.digits
    having is_lent(greatest(
        count(distinct b.birth_year), count(distinct left(name_words(coalesce(s.last_name, s.full_name)), 2))
    ))
)

select
    r.ssn_written,
    case when l.digits is null then r.ssn end as ssn,
    case when l.digits is null then r.itin end as itin,
    case when l.digits is null then last4_of(r.digits, r.masked) end as ssn_last4,
    case when l.digits is not null then 'shared_by_many' end as placeholder_kind
from read as r
left join lent as l on r.digits = l.digits
