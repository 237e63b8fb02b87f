-- Grain: agency.
-- Inputs: standard.data_through, publish.stale_agencies; $as_of
select
    data_through.agency,
    data_through.data_through_on,
    data_through.latest_as_of_on,
    data_through.latest_delivery_id,
    date_diff('day', data_through.latest_as_of_on, $as_of::date) as days_behind,
    stale_agencies.agency is not null as is_stale
from standard.data_through
left join publish.stale_agencies using (agency)
