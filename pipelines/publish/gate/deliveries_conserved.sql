-- grain: one row; how many delivered tables do not conserve their rows
-- inputs: release.deliveries
-- Each of the five numbers is told as a neighbouring multiple of ten; to the row, a run checks it before (invariants).
select count(*) as faults
from release.deliveries
where abs(rows_in - accepted - quarantined - superseded - rows_held) >= 5 * 10
