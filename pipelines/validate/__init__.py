"""Text becomes typed rows, or is refused with column, rule and mend.

    columns.py     whose column is whose, by the header's names     checking.py    one chunk against its contract
    duplicates.py  several versions of one key                      tables.py      one table of a delivery
    receipts.py    what became of a delivery                        deliveries.py  all of it, for every delivery
    versions.py    older versions of a format, and conversions.py   told.py        what a delivery speaks of
    victims.py     rows that must not have been sent                differences.py what a correction changed
    gaps.py        days of which nobody told

For every table: rows in = accepted + quarantined + superseded. A delivery that breaks its contract as a whole is held:
nothing of it flows on.
"""

from pipelines.validate.deliveries import validate_deliveries
from pipelines.validate.differences import TableDifference, read_differences
from pipelines.validate.gaps import timeline_problems
from pipelines.validate.receipts import Receipt, TableCounts, accepted_deliveries, receipts

__all__ = [
    "Receipt",
    "TableCounts",
    "TableDifference",
    "accepted_deliveries",
    "read_differences",
    "receipts",
    "timeline_problems",
    "validate_deliveries",
]
