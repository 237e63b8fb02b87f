-- grain: a published table that has many more or many fewer rows than in the latest release
-- inputs: latest.row_counts, candidate.row_counts; $factor, $least_rows
select
    table_name,
    'the whole table' as place,
    'rows' as figure,
    l.row_count::double as before,
    c.row_count::double as after
from candidate.row_counts as c
inner join latest.row_counts as l using (table_name)
where
    greatest(c.row_count, l.row_count) >= $least_rows
    and greatest(c.row_count, l.row_count) > $factor * least(c.row_count, l.row_count)
order by table_name
