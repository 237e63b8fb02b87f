-- grain: a unit that a person was housed in: [started_on, ended_on) of one tenancy record, before units are merged
-- inputs: members.tenancy_spells
select
    'unit-' || left(md5(agency || '|' || source_key), 16) as unit_id,
    episode_id,
    person_id,
    program_code,
    program_rank,
    provider_id,
    housed_from_on as started_on,
    housed_to_on as ended_on,
    exit_kind
from members.tenancy_spells
order by unit_id
