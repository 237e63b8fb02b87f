-- grain: a tenancy episode: [started_on, ended_on), units with at most the allowed gap between them, across agencies
-- inputs: members.tenancy_spells
select
    episode_id,
    any_value(person_id) as person_id,
    first(program_code order by program_rank, housed_from_on, agency, source_key) as program_code,
    first(provider_id order by program_rank, housed_from_on, agency, source_key) as provider_id,
    min(housed_from_on) as started_on,
    case when bool_and(housed_to_on is not null) then max(housed_to_on) end as ended_on,
    -- when two agencies end a tenancy on one day, the programme with the lower rank says how
    last(exit_kind order by housed_to_on nulls last, program_rank desc, agency, source_key) as exit_kind,
    count(*) as unit_count,
    count(*) as source_count
from members.tenancy_spells
group by episode_id
order by episode_id
