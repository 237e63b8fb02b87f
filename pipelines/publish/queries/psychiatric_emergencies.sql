-- Psychiatric emergency visits per 1,000 member-months, by Full Service Partnership provider and quarter.
select
    providers.provider_name,
    results.period as quarter,
    round(results.person_time, 1) as member_months,
    results.numerator as visits,
    round(results.estimate, 1) as per_1000,
    round(results.lower, 1) as lower_bound,
    round(results.upper, 1) as upper_bound
from read_parquet('measure_results.parquet') as results
left join read_parquet('providers.parquet') as providers on results.cut_value = providers.provider_id
where
    results.measure_id = 'psychiatric_emergency_visits_per_1000_member_months'
    and results.cut_code = 'provider'
order by results.period desc, per_1000 desc nulls last, results.cut_value;
