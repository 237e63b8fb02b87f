-- grain: a spell in which a person used something: [from_on, until_on), until_on null while it goes on
-- inputs: episodes.custody, episodes.psychiatric_emergency, episodes.inpatient, episodes.homelessness
select
    person_id,
    'jail' as use_code,
    started_on as from_on,
    -- any part of a day in jail is a day
    ended_on + 1 as until_on
from episodes.custody

union all

select
    person_id,
    'psychiatric_emergency' as use_code,
    started_on as from_on,
    started_on + 1 as until_on
from episodes.psychiatric_emergency

union all

select
    person_id,
    'inpatient' as use_code,
    admitted_on as from_on,
    -- admitted and discharged on one day is a day
    greatest(discharged_on, admitted_on + 1) as until_on
from episodes.inpatient
where facility_class_code != 'crisis_residential'

union all

select
    person_id,
    'homelessness' as use_code,
    entry_on as from_on,
    greatest(exit_on, entry_on + 1) as until_on
from episodes.homelessness
where project_group_code in ('ES', 'SO', 'SH', 'TH')
