-- grain: a person whose clients are not those of a past version of the index, with the weightiest of what happened
-- inputs: work.ledger
with
told as (
    select
        person_id,
        event_code,
        cause,
        event_number
    from work.ledger
    where version_number > $version and version_number <= $until
    union all
    -- who was merged into, or split off, changed as much as who was merged or split
    select
        other_person_id,
        event_code,
        cause,
        event_number
    from work.ledger
    where
        version_number > $version
        and version_number <= $until
        and event_code in ('merged', 'split')
        and other_person_id is not null
)

select
    person_id,
    case arg_min(event_code, (rank_number, event_number))
        when 'client_left' then 'changed'
        when 'client_joined' then 'changed'
        else arg_min(event_code, (rank_number, event_number))
    end as event_code,
    arg_min(cause, (rank_number, event_number)) as cause
from (
    select
        *,
        list_position(
            ['merged', 'split', 'client_left', 'client_joined', 'created', 'retired'], event_code
        ) as rank_number
    from told
) as ranked
group by person_id
order by person_id
