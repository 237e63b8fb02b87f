-- grain: an episode of a person, as a span of days [started_on, until_on); a visit is a span of one day
-- inputs: episodes.custody, episodes.homelessness, episodes.psychiatric_emergency, episodes.inpatient,
--         episodes.partnership
-- until_on: null while it is open. Every day touched by custody is a jail day.
select person_id, 'custody' as kind, started_on, ended_on + 1 as until_on from episodes.custody
union all
select person_id, 'homelessness', entry_on, greatest(exit_on, entry_on + 1) from episodes.homelessness
union all
select person_id, 'psychiatric_emergency', started_on, started_on + 1 from episodes.psychiatric_emergency
union all
select person_id, 'inpatient', admitted_on, greatest(discharged_on, admitted_on + 1) from episodes.inpatient
union all
select person_id, 'partnership', started_on, greatest(ended_on, started_on + 1) from episodes.partnership
