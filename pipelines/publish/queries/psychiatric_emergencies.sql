-- Psychiatric emergency visits per 1,000 member-months, by Full Service Partnership provider and quarter.
select
    providers.provider_name,
    members.period as quarter,
    count(*) as members,
    round(sum(members.person_time), 1) as member_months,
    sum(members.numerator) as visits,
    round(1000 * sum(members.numerator) / sum(members.person_time), 1) as per_1000
from read_parquet('person_measures.parquet') as members
inner join read_parquet('providers.parquet') as providers using (provider_id)
where
    members.measure_id = 'psychiatric_emergency_visits_per_1000_member_months'
    and members.status_code in ('met', 'not_met', 'censored') -- mature quarters; censored: until death
group by providers.provider_name, members.period
having sum(members.person_time) > 0
order by quarter desc, member_months desc, providers.provider_name;
