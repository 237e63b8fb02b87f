"""Text becomes typed rows, or is refused with column, rule and mend.

    columns.py     whose column is whose, by the header's names     checking.py    one chunk against its contract
    duplicates.py  several versions of one key                      tables.py      one table of a delivery
    receipts.py    what became of a delivery                        deliveries.py  all of it, for every delivery

For every table: rows in = accepted + quarantined + superseded. A delivery that breaks its contract as a whole is held:
nothing of it flows on.
"""

from pipelines.validate.deliveries import validate_deliveries
from pipelines.validate.receipts import Receipt, TableCounts, accepted_deliveries, receipts

__all__ = ["Receipt", "TableCounts", "accepted_deliveries", "receipts", "validate_deliveries"]
