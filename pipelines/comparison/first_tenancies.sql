-- grain: a person whom the programme housed, and the first day
-- inputs: episodes.placements
select
    person_id,
    placed_on as treated_on
from episodes.placements
where program_code = $program_code
