-- grain: a share that moved by more points than the band allows: of all, or of a programme; whole time and periods
-- inputs: latest.measure_results, candidate.measure_results; $points, $least_n
select
    'measure_results' as table_name,
    concat_ws(' · ', c.measure_id, c.cut_value, c.period) as place,
    'estimate' as figure,
    l.estimate as before,
    c.estimate as after
from candidate.measure_results as c
inner join latest.measure_results as l
    on
        c.measure_id = l.measure_id
        and c.cut_code = l.cut_code
        and c.cut_value = l.cut_value
        and c.period is not distinct from l.period
where
    c.kind = 'proportion'
    and c.cut_code in ('all', 'program')
    and least(c.n, l.n) >= $least_n
    and abs(c.estimate - l.estimate) > $points
order by place
