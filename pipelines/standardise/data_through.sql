-- grain: an agency with an accepted delivery, and the last day that its data can be trusted to hold whole
-- inputs: current.delivery_status
select
    s.agency,
    -- an export may claim a period that ends after it was made; nobody knows the future
    least(coalesce(s.reported_through_on, s.latest_as_of_on), s.latest_as_of_on) as data_through_on,
    s.latest_as_of_on,
    s.latest_delivery_id
from current.delivery_status as s
order by s.agency
