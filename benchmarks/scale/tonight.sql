-- Grain: one row per record of the first night.
-- Inputs: made.records; $records: how many there are that night.
with placed as (
    select *, row_number() over (order by hash(source, source_record_id), source_record_id) as place
    from made.records
)

select * exclude (place)
from placed
where place <= $records
order by source, source_record_id
