"""Text becomes typed rows, or is refused with column, rule and mend.

    columns.py     whose column is whose, by the header's names     checking.py    one chunk against its contract
    duplicates.py  several versions of one key                      tables.py      one table of a delivery
    baseline.py    what a delivery holds, what is usual             breakers.py    what cannot be what was meant
    holds.py       who released a held delivery                     gate.py        each delivery beside those before
    receipts.py    what became of a delivery                        deliveries.py  all of it, for every delivery

For every table: rows in = accepted + quarantined + superseded. A delivery that breaks its contract as a whole is held:
nothing of it flows on.
"""

from pipelines.validate.breakers import PREFIX as BREAKER
from pipelines.validate.deliveries import validate_deliveries
from pipelines.validate.holds import HoldRelease, held_by_breakers, release_hold, releases
from pipelines.validate.receipts import Receipt, TableCounts, accepted_deliveries, receipts

__all__ = [
    "BREAKER",
    "HoldRelease",
    "Receipt",
    "TableCounts",
    "accepted_deliveries",
    "held_by_breakers",
    "receipts",
    "release_hold",
    "releases",
    "validate_deliveries",
]
