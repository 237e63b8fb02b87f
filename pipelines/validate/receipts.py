"""What became of a delivery, kept beside it as `validated/<agency>/<delivery_id>/receipt.json`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from pipelines.damaged import is_whole, mend_of_table
from pipelines.errors import LakeError
from pipelines.ingest import Problem
from pipelines.lake import Lake
from pipelines.validate.told import Told, read_told

FILE = "receipt.json"
ACCEPTED, HELD = "accepted", "held"


@dataclass(frozen=True)
class TableCounts:
    """Rows of one table of a delivery. `rows_in` = `accepted` + `quarantined` + `superseded`, always."""

    rows_in: int
    accepted: int
    quarantined: int
    superseded: int
    values_set_aside: int = 0
    """Broken values that were made null while their rows stayed, where the contract says so."""


@dataclass(frozen=True)
class Receipt:
    """What became of a delivery: counts and reasons, never a value."""

    delivery_id: str
    agency: str
    as_of: date
    revision: int
    status: str
    """`accepted` or `held`. A held delivery has no rows in `validated`, whatever its counts say."""
    is_hashed: bool
    """Names and social security numbers are hashes: its clients count, and none can be linked."""
    data_through: date | None
    """Up to which day the delivery tells what happened; None when it is held."""
    tables: Mapping[str, TableCounts]
    held: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    checked_under: str
    """Changes when the delivery, its contracts or the validator change: then it is checked again."""
    told: Told = field(default_factory=Told)
    """What the delivery says of itself: whether it is whole, of which units and days it speaks."""
    without_baseline: tuple[str, ...] = ()
    """Tables that no circuit breaker looked at, since too few deliveries came before."""
    gated_under: str = ""
    """Changes when the circuit breakers may say otherwise; empty when the form of the delivery holds it."""

    @property
    def is_accepted(self) -> bool:
        """Whether its rows flow on."""
        return self.status == ACCEPTED

    def folder(self, lake: Lake) -> Path:
        """Where its rows are."""
        return lake.zone("validated") / self.agency / self.delivery_id

    def path(self, lake: Lake, table: str) -> Path | None:
        """The typed rows of a table, if the delivery is accepted and holds the table."""
        path = self.folder(lake) / f"{table}.parquet"
        return path if self.is_accepted and path.exists() else None


def write_receipt(receipt: Receipt, folder: Path) -> None:
    """Write `receipt.json` into a delivery's folder."""
    (folder / FILE).write_text(receipt_text(receipt), encoding="utf-8")


def receipt_text(receipt: Receipt) -> str:
    """A receipt as it stands in its file."""
    return json.dumps(asdict(receipt), indent=1, sort_keys=True, default=str, ensure_ascii=False) + "\n"


def read_receipt(path: Path) -> Receipt:
    """The receipt in a file."""
    try:
        facts: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        through = facts["data_through"]
        return Receipt(
            **{
                **facts,
                "as_of": date.fromisoformat(facts["as_of"]),
                "data_through": through and date.fromisoformat(through),
                "tables": {table: TableCounts(**counts) for table, counts in facts["tables"].items()},
                "held": _problems(facts["held"]),
                "warnings": _problems(facts["warnings"]),
                "told": read_told(facts["told"]),
                "without_baseline": tuple(facts.get("without_baseline", ())),
            }
        )
    except (OSError, ValueError, KeyError, TypeError):
        raise LakeError(
            f"validated/{path.parent.name}/{FILE} cannot be read; remove its folder, and run again"
        ) from None


def receipts(lake: Lake) -> list[Receipt]:
    """Every receipt in `validated`, sorted by agency, as-of date, revision and delivery id."""
    paths = [path for path in lake.zone("validated").glob(f"*/*/{FILE}") if not path.parent.name.startswith(".")]
    found = [read_receipt(path) for path in paths]
    return sorted(found, key=lambda one: (one.agency, one.as_of, one.revision, one.delivery_id))


def accepted_deliveries(lake: Lake, as_of: date | None = None) -> list[Receipt]:
    """Receipts of accepted deliveries for dates up to `as_of`, sorted by agency, as-of date, revision and id."""
    return [one for one in receipts(lake) if one.is_accepted and (as_of is None or one.as_of <= as_of)]


def refuse_lost_tables(lake: Lake) -> None:
    """Refuse to go on without rows that were accepted: their clients would silently be nobody, and paid for nothing.

    Raises:
        LakeError: a table of an accepted delivery is gone, emptied or cut off.
    """
    for one in receipts(lake):
        for table, counts in one.tables.items() if one.is_accepted else ():
            path = one.folder(lake) / f"{table}.parquet"
            if counts.accepted and not is_whole(path):
                name = path.relative_to(lake.root)
                raise LakeError(f"{name} is gone or damaged; {mend_of_table(name)}")


def _problems(items: Iterable[Mapping[str, str]]) -> tuple[Problem, ...]:
    return tuple(Problem(**item) for item in items)
