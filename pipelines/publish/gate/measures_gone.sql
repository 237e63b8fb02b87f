-- grain: a measure that the latest release told of many people, and the candidate does not have
-- inputs: latest.measure_results, candidate.measure_results; $least_n
select
    'measure_results' as table_name,
    l.measure_id as place,
    'n' as figure,
    max(l.n)::double as before,
    null::double as after
from latest.measure_results as l
anti join candidate.measure_results as c on l.measure_id = c.measure_id
group by l.measure_id
having max(l.n) >= $least_n
order by place
