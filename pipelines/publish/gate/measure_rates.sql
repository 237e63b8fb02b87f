-- grain: a rate or count that moved by more than the band allows: of all, or of a programme
-- inputs: latest.measure_results, candidate.measure_results; $factor, $least_n
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
    c.kind <> 'proportion'
    and c.cut_code in ('all', 'program')
    and least(c.n, l.n) >= $least_n
    and greatest(c.estimate, l.estimate) > $factor * least(c.estimate, l.estimate)
order by place
