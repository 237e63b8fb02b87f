-- Grain: client with the identities it is seen with. An identity's id is a hash of its content: the same ids are the
--        same content.
-- Inputs: standard.identities
select client_key, list(identity_id order by identity_id) as content
from standard.identities
group by client_key
