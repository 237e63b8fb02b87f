-- grain: a person who entered a Full Service Partnership, and the first day
-- inputs: episodes.partnership
select
    person_id,
    min(started_on) as treated_on
from episodes.partnership
group by person_id
