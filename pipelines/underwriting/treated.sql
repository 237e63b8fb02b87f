-- grain: a person whom the programme treated, and the first day of it
-- inputs: episodes.placements, episodes.partnership, terms.treating_programs
-- $treatment: placement or partnership; no treating programme: any
select person_id, min(treated_on) as treated_on
from (
    select person_id, placed_on as treated_on
    from episodes.placements
    where
        $treatment = 'placement'
        and (
            program_code in (select program_code from terms.treating_programs)
            or not exists (select 1 from terms.treating_programs)
        )
    union all
    select person_id, started_on as treated_on from episodes.partnership where $treatment = 'partnership'
) as treatments
group by person_id
