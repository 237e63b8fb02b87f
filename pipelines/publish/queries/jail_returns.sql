-- How many were back in jail within 24 months of being housed, by programme?
select
    cut_value as program,
    n as clients,
    numerator as back_in_jail,
    round(estimate, 3) as share,
    round(lower, 3) as lower_bound,
    round(upper, 3) as upper_bound
from read_parquet('measure_results.parquet')
where measure_id = 'jail_return_after_placement_24_months' and cut_code in ('all', 'program')
order by cut_code, cut_value;
