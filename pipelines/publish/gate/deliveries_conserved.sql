-- grain: one row; how many delivered tables do not conserve their rows
-- inputs: release.deliveries
select count(*) as faults
from release.deliveries
where rows_in <> accepted + quarantined + superseded + rows_held
