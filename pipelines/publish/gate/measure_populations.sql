-- grain: a denominator that moved by more than the band allows: of all, or of a programme, over the whole time
-- inputs: latest.measure_results, candidate.measure_results; $factor, $least_n
select
    'measure_results' as table_name,
    concat_ws(' · ', c.measure_id, c.cut_value) as place,
    'n' as figure,
    l.n::double as before,
    c.n::double as after
from candidate.measure_results as c
inner join latest.measure_results as l
    on c.measure_id = l.measure_id and c.cut_code = l.cut_code and c.cut_value = l.cut_value
where
    c.period is null
    and l.period is null
    and c.cut_code in ('all', 'program')
    and greatest(c.n, l.n) >= $least_n
    and greatest(c.n, l.n) > $factor * least(c.n, l.n)
order by place
