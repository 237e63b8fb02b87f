"""Which deliveries of a table still have a say, by what each says it speaks of.

Belongs here: choosing files, from receipts alone. Which of their rows are in force is in `current.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Protocol

from pipelines.lake import Lake
from pipelines.validate.told import Told
from schemas.coverage_terms import period_bounds
from schemas.data_contract import DataContract


class Delivery(Protocol):
    """What is read here of an accepted delivery's receipt."""

    @property
    def agency(self) -> str:
        """The sender."""

    @property
    def delivery_id(self) -> str:
        """The folder in `validated/<agency>`."""

    @property
    def as_of(self) -> date:
        """The day the delivery speaks of."""

    @property
    def revision(self) -> int:
        """1, or more for a delivery that replaces those of the same day."""

    @property
    def data_through(self) -> date | None:
        """The last day that the delivery tells whole."""

    @property
    def told(self) -> Told:
        """What the delivery says of itself."""


@dataclass(frozen=True)
class File:
    """One delivery's validated rows of one table."""

    path: Path
    delivery_id: str
    as_of: date
    revision: int
    semantics: str
    told: Told

    @property
    def rank(self) -> tuple[date, int]:
        """By this the newest is found: never by when it arrived."""
        return (self.as_of, self.revision)

    @property
    def is_full(self) -> bool:
        """Whether the delivery is whole for what it speaks of."""
        return self.semantics == "full"


def files_in_play(lake: Lake, contract: DataContract, accepted: Iterable[Delivery]) -> list[File]:
    """A table's files without those that others replace entirely; oldest first."""
    files = sorted(_files(lake, contract, accepted), key=lambda file: (file.rank, file.delivery_id))
    scope, semantics = contract.coverage.scope, contract.semantics
    if scope and scope.each_delivery:
        return files
    files = _without_repeats(_newest_revisions(files, keep_full=scope is not None))
    if semantics == "period":
        return _newest_of_each_period(files, contract)
    if scope is None:
        return _from_the_newest_full(files)
    may_go = not scope.children or not any(file.told.strays.get(contract.table) for file in files)
    return [file for file in files if not (may_go and _is_taken_over(file, files, contract))]


def _files(lake: Lake, contract: DataContract, accepted: Iterable[Delivery]) -> list[File]:
    folder = lake.zone("validated") / contract.agency
    found = []
    for one in accepted:
        path = folder / one.delivery_id / f"{contract.table}.parquet"
        if one.agency == contract.agency and path.exists():
            semantics = one.told.semantics.get(contract.table, contract.semantics)
            found.append(File(path, one.delivery_id, one.as_of, one.revision, semantics, one.told))
    return found


def _without_repeats(files: Sequence[File]) -> list[File]:
    """Without deltas that were sent again as they are: what they said has been said, and others may have changed it."""
    seen: set[str] = set()
    kept = []
    for file in files:
        if file.semantics == "delta" and file.told.content in seen:
            continue
        kept.append(file)
        if file.told.content:
            seen.add(file.told.content)
    return kept


def _newest_revisions(files: Sequence[File], *, keep_full: bool) -> list[File]:
    """Without files that a later revision of the same day replaces.

    A full file with a scope is replaced only as far as the revision covers it, which is decided row by row.
    """
    newest = {file.as_of: file.revision for file in files}
    return [file for file in files if file.revision == newest[file.as_of] or (keep_full and file.is_full)]


def _newest_of_each_period(files: Sequence[File], contract: DataContract) -> list[File]:
    period = contract.coverage.period
    assert period is not None
    newest = {period_bounds(file.as_of, period.unit): file.rank for file in files}
    return [file for file in files if file.rank == newest[period_bounds(file.as_of, period.unit)]]


def _from_the_newest_full(files: Sequence[File]) -> list[File]:
    last = max((place for place, file in enumerate(files) if file.is_full), default=0)
    return list(files[last:])


def _is_taken_over(file: File, files: Sequence[File], contract: DataContract) -> bool:
    """Whether a later full delivery speaks of all that this full one spoke of: its units, and its days."""
    if not file.is_full or file.told.strays.get(contract.table):
        return False
    return any(other.is_full and other.rank > file.rank and other.told.holds(file.told) for other in files)
