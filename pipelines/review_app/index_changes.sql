-- grain: a version of the person index that decisions had a part in: how many persons were merged, split and made
-- inputs: person_index.ledger
select
    version_number,
    as_of_on,
    cause,
    count(*) filter (where event_code = 'merged') as merged,
    count(*) filter (where event_code = 'split') as split,
    count(*) filter (where event_code = 'client_joined' and other_person_id is not null) as clients_moved
from person_index.ledger
where list_contains(string_split(cause, '+'), 'decisions')
group by version_number, as_of_on, cause
order by version_number desc
