-- grain: the first day on which a person was housed by a programme
-- inputs: members.tenancy_spells
with
placed as (
    select *
    from members.tenancy_spells
    -- the same home seen in HMIS too is not a second placement
    qualify not is_fallback or bool_and(is_fallback) over (partition by episode_id)
)

select
    person_id,
    program_code,
    min(housed_from_on) as placed_on,
    first(provider_id order by housed_from_on, agency, source_key) as provider_id,
    first(episode_id order by housed_from_on, agency, source_key) as episode_id
from placed
group by person_id, program_code
order by person_id, program_code
