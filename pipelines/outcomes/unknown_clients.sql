-- grain: an agency's provider and a likely reason why nobody knows what other agencies hold of a client
-- inputs: what unknown_client_list lists, through the view of that name
select
    agency,
    provider_id,
    reason_code,
    bool_and(is_unknown) as is_unknown,
    count(distinct client_key) as clients
from shared.unknown_client_list
group by agency, provider_id, reason_code
order by agency, provider_id, reason_code
