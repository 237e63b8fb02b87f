-- Psychiatric emergency visits per 1,000 member-months, by Full Service Partnership provider and quarter.
select provider_name, period as quarter, round(person_time, 1) as member_months, numerator as visits, round(estimate, 1) as per_1000, round(lower, 1) as lower, round(upper, 1) as upper
from 'measure_results.parquet'
left join 'providers.parquet' on cut_value = provider_id
where measure_id = 'psychiatric_emergency_visits_per_1000_member_months' and cut_code = 'provider'
order by quarter desc, per_1000 desc nulls last;
