"""What a corrected delivery changed: counts of rows and cells against the delivery that it supersedes, never a value.

A delivery corrects the one before it for the same as-of date; a table that is replaced by periods, the one before it in
the same period. Kept beside the receipt as `differences.json`, and made anew when a delivery that came late turns out
to be the one that was corrected: what is told depends on what was delivered, not on when.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from pipelines import sql
from pipelines.errors import LakeError
from pipelines.lake import Lake, replacing
from schemas.coverage_terms import period_bounds
from schemas.data_contract import DataContract, DataContracts

if TYPE_CHECKING:
    from pipelines.validate.receipts import Receipt

FILE = "differences.json"


@dataclass(frozen=True)
class TableDifference:
    """One table of a corrected delivery against the same table of the delivery that it supersedes."""

    table: str
    against: str
    """The delivery that is superseded."""
    rows_before: int
    rows_after: int
    added: int
    removed: int
    changed: int
    """Rows of one key whose contents differ."""
    changed_cells: Mapping[str, int]
    """Column → cells that differ among the changed rows; columns without one are left out."""


def write_differences(lake: Lake, contracts: DataContracts, receipts: Sequence[Receipt]) -> None:
    """Bring `differences.json` of every accepted delivery up to date; one that corrects nothing has none."""
    accepted = [one for one in receipts if one.is_accepted]
    corrected = _corrected(contracts, accepted)
    for receipt in accepted:
        pairs = corrected.get(receipt.delivery_id, [])
        path = receipt.folder(lake) / FILE
        if not pairs:
            path.unlink(missing_ok=True)
            continue
        rests_on = {contract.table: f"{other.delivery_id} {other.checked_under}" for contract, other in pairs}
        if not path.exists() or _rests_on(path) != rests_on:
            found = [_compare(lake, contract, other, receipt) for contract, other in pairs]
            _write(path, rests_on, found)


def read_differences(lake: Lake, receipt: Receipt) -> tuple[TableDifference, ...]:
    """What a delivery changed, a difference a table; empty if it corrects none."""
    path = receipt.folder(lake) / FILE
    if not path.exists():
        return ()
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
        return tuple(TableDifference(**table) for table in facts["tables"])
    except (OSError, ValueError, KeyError, TypeError):
        raise LakeError(f"validated/{receipt.delivery_id}/{FILE} cannot be read; remove it, and run again") from None


def _corrected(contracts: DataContracts, accepted: Iterable[Receipt]) -> dict[str, list[tuple[DataContract, Receipt]]]:
    """Delivery → its tables, each with the delivery that it supersedes: the last one before it for the same days."""
    found: dict[str, list[tuple[DataContract, Receipt]]] = {}
    last: dict[tuple[str, date], Receipt] = {}
    for receipt in sorted(accepted, key=lambda one: (one.as_of, one.revision, one.delivery_id)):
        for contract in contracts.of(receipt.agency):
            if contract.table not in receipt.tables:
                continue
            days = (contract.id, _first_day(contract, receipt.as_of))
            if days in last and _rank(last[days]) < _rank(receipt):
                found.setdefault(receipt.delivery_id, []).append((contract, last[days]))
            last[days] = receipt
    return found


def _rank(receipt: Receipt) -> tuple[date, int]:
    return (receipt.as_of, receipt.revision)


def _first_day(contract: DataContract, as_of: date) -> date:
    """The first of the days that a delivery replaces whole."""
    period = contract.coverage.period
    return period_bounds(as_of, period.unit)[0] if contract.semantics == "period" and period else as_of


def _compare(lake: Lake, contract: DataContract, before: Receipt, after: Receipt) -> TableDifference:
    with sql.connect(lake.spill) as connection:
        sides = [_side(connection, contract, one.path(lake, contract.table)) for one in (before, after)]
        key = " and ".join(f"b.{_quoted(name)} = a.{_quoted(name)}" for name in contract.business_key)
        names = [name for name in contract.column_names if name not in contract.business_key]
        differ = [f"(b.{_quoted(name)} is distinct from a.{_quoted(name)})" for name in names] or ["false"]
        cells = ", ".join(f"count(*) filter (where {one})" for one in differ)
        found = connection.execute(
            f"select count(*), count(*) filter (where {' or '.join(differ)}), {cells} "
            f"from ({sides[0]}) as b inner join ({sides[1]}) as a on {key}"
        ).fetchall()[0]
        rows_before, rows_after = (sql.count(connection, f"({side})") for side in sides)
    common, changed, *counts = map(int, found)
    return TableDifference(
        table=contract.table,
        against=before.delivery_id,
        rows_before=rows_before,
        rows_after=rows_after,
        added=rows_after - common,
        removed=rows_before - common,
        changed=changed,
        changed_cells={name: cells for name, cells in zip(names, counts, strict=False) if cells},
    )


def _side(connection: duckdb.DuckDBPyConnection, contract: DataContract, path: Path | None) -> str:
    """SQL of a delivery's rows; a column that an older contract lacked is null."""
    source = f"read_parquet({sql.literal(str(path))})"
    present = {row[0] for row in connection.execute(f"describe from {source}").fetchall()}
    columns = [name if name in present else None for name in contract.column_names]
    listed = [
        _quoted(name) if there else f"null as {_quoted(name)}"
        for name, there in zip(contract.column_names, columns, strict=True)
    ]
    return f"select {', '.join(listed)} from {source}"


def _rests_on(path: Path) -> object:
    try:
        return json.loads(path.read_text(encoding="utf-8"))["rests_on"]
    except (ValueError, KeyError, TypeError):
        return None  # half-known is not known: it is made anew


def _write(path: Path, rests_on: Mapping[str, str], tables: Sequence[TableDifference]) -> None:
    facts = {"rests_on": rests_on, "tables": [asdict(table) for table in tables]}
    with replacing(path) as staged:
        staged.write_text(json.dumps(facts, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
