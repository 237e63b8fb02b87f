-- grain: an episode of any kind, with its first and last day
-- inputs: episodes.custody, episodes.tenancy, episodes.psychiatric_emergency, episodes.inpatient, episodes.partnership,
--         episodes.homelessness
select 'custody' as episode_kind, episode_id, person_id, started_on as from_on, ended_on as to_on
from episodes.custody
union all
select 'tenancy', episode_id, person_id, started_on, ended_on
from episodes.tenancy
union all
select 'psychiatric_emergency', episode_id, person_id, started_on, ended_at::date
from episodes.psychiatric_emergency
union all
select 'inpatient', episode_id, person_id, admitted_on, discharged_on
from episodes.inpatient
union all
select 'partnership', episode_id, person_id, started_on, ended_on
from episodes.partnership
union all
select 'homelessness', episode_id, person_id, entry_on, exit_on
from episodes.homelessness
