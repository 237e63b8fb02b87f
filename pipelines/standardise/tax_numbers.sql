-- Grain: one row per distinct text that stands in a field for a Social Security number.
-- Inputs: linkage.identity_sources.
-- Digits are read once; what they may be is judged on them.
with written as (
    select distinct ssn as ssn_written from linkage.identity_sources where ssn is not null
),

read as materialized (
    select ssn_written, read_digits(ssn_written) as digits, masked_last4(ssn_written) as masked from written
)

select
    ssn_written,
    ssn_of(ssn_written, digits, masked) as ssn,
    itin_of(digits) as itin,
    last4_of(digits, masked) as ssn_last4
from read
