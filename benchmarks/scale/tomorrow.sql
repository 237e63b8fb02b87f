-- Grain: one row per record of the second night.
-- Inputs: made.records; $records: how many there were the first night, the others are new; $changed, $deleted: shares
--         of the first night's records whose address has changed to that of another record, and that are gone.
with placed as (
    select *, row_number() over (order by hash(source, source_record_id), source_record_id) as place
    from made.records
),

moved as (
    select
        *,
        place <= $changed * $records as is_changed,
        lead(address, 1000) over (order by place) as other_address,
        lead(city, 1000) over (order by place) as other_city,
        lead(zip, 1000) over (order by place) as other_zip
    from placed
)

select
    * exclude (place, is_changed, other_address, other_city, other_zip)
    replace (
        case when is_changed then other_address else address end as address,
        case when is_changed then other_city else city end as city,
        case when is_changed then other_zip else zip end as zip
    )
from moved
where place not between $changed * $records + 1 and ($changed + $deleted) * $records
order by source, source_record_id
