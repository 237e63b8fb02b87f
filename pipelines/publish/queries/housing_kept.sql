-- How many Just-in-Reach clients kept housing for 6 and for 12 months?
select
    title,
    n as clients,
    numerator as kept_housing,
    round(estimate, 3) as share,
    round(lower, 3) as lower_bound,
    round(upper, 3) as upper_bound
from read_parquet('measure_results.parquet')
where measure_id like 'housing_stability_%' and cut_code = 'program' and cut_value = 'JIR'
order by measure_id desc;
