-- grain: a table of either release
-- inputs: before.row_counts, after.row_counts
select
    table_name,
    b.row_count as rows_before,
    a.row_count as rows_after
from before.row_counts as b
full join after.row_counts as a using (table_name)
order by table_name
