-- Grain: delivery × table × column × rule that rows of it broke.
-- Inputs: quarantine.ledger, publish.delivery_rows
-- How many rows is told by size and not by number: a row may be a person.
with counted as (
    select
        agency,
        delivery_id,
        table_name,
        coalesce(column_name, '') as column_name,
        rule_id,
        mend,
        count(*) as lines
    from quarantine.ledger
    where delivery_id in (select delivery_rows.delivery_id from publish.delivery_rows)
    group by all
)

select
    agency,
    delivery_id,
    table_name,
    column_name,
    rule_id,
    mend,
    case
        when lines <= 10 then '1 to 10'
        when lines <= 100 then '11 to 100'
        when lines <= 1000 then '101 to 1,000'
        else 'more than 1,000'
    end as rows_band
from counted
