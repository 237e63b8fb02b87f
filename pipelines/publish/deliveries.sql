-- Grain: delivery × table.
-- Inputs: publish.delivery_rows (from the receipts)
select
    delivery_id, agency, as_of_on, revision, status, table_name, rows_in, accepted, quarantined, superseded, rows_held
from publish.delivery_rows
