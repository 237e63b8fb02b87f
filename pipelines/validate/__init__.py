"""Text becomes typed rows, or is refused with column, rule and mend.

    columns.py     whose column is whose, by the header's names     checking.py    one chunk against its contract
    duplicates.py  several versions of one key                      tables.py      one table of a delivery
    baseline.py    what a delivery holds, what is usual             breakers.py    what cannot be what was meant
    holds.py       who released a held delivery                     gate.py        each delivery beside those before
    receipts.py    what became of a delivery                        deliveries.py  all of it, for every delivery
    versions.py    older versions of a format, and conversions.py   told.py        what a delivery speaks of
    victims.py     rows that must not have been sent                differences.py what a correction changed
    gaps.py        days of which nobody told                        across.py      rows beside other rows
    quarantine.py  which refused line still waits                   mends.py       what the sender should do

For every table: rows in = accepted + quarantined + superseded. A delivery that breaks its contract as a whole is held:
nothing of it flows on.
"""

from pipelines.validate.breakers import PREFIX as BREAKER
from pipelines.validate.deliveries import validate_deliveries
from pipelines.validate.differences import TableDifference, read_differences
from pipelines.validate.gaps import timeline_problems
from pipelines.validate.holds import HoldRelease, held_by_breakers, release_hold, releases
from pipelines.validate.receipts import Receipt, TableCounts, accepted_deliveries, receipts

__all__ = [
    "BREAKER",
    "HoldRelease",
    "Receipt",
    "TableCounts",
    "TableDifference",
    "accepted_deliveries",
    "held_by_breakers",
    "read_differences",
    "receipts",
    "release_hold",
    "releases",
    "timeline_problems",
    "validate_deliveries",
]
