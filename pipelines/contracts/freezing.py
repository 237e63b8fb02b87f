"""Statements that are final: what is due for a period, and what later changed of what was stated before.

A frozen statement is a folder, `statements/<contract>/<number>/`, written once, beside the zones: no run clears it.
It holds what was due when it was frozen: the period's lines, and for every earlier period the difference between what
was stated and what the lake says now, each with its cause. So everything ever stated for a line sums to what it is
worth on the last statement, and nothing is ever edited.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from pipelines import sql
from pipelines.audit import record_act, sealed_file
from pipelines.contracts.quantities import first_day
from pipelines.contracts.state import INPUTS, PACKAGE, open_terms, period_of
from pipelines.contracts.terms import OutcomesContract
from pipelines.errors import LakeError
from pipelines.lake import Lake, new_folder
from pipelines.outcomes import Measure
from pipelines.person_index import index_changes

FOLDER, FACTS, LINES, LINE_PAYERS = "statements", "statement.json", "lines.parquet", "line_payers.parquet"

CURRENT = (("contracts", "statement_lines"), ("contracts", "statement_line_payers"))


@dataclass(frozen=True)
class DueStatement:
    """What is to be stated for a period on top of what was stated before."""

    contract: OutcomesContract
    period: str
    number: int
    """1 for the contract's first statement."""
    lines: pa.Table
    line_payers: pa.Table
    tie_out: Mapping[str, int]
    """Clause → lines, each found again in the measure table."""

    @property
    def amount_usd(self) -> Decimal:
        """What is due, restatements included."""
        return sum(self.lines.column("amount_usd").to_pylist(), Decimal("0.00"))

    @property
    def restatements(self) -> int:
        """How many lines restate an earlier statement."""
        return sum(self.lines.column("is_restatement").to_pylist())

    def payers(self) -> dict[str, Decimal]:
        """What each payer owes of it."""
        owed = {payer.id: Decimal("0.00") for payer in self.contract.payers}
        for row in self.line_payers.to_pylist():
            owed[row["payer_id"]] += row["amount_usd"]
        return owed

    def as_json(self) -> dict[str, Any]:
        """The statement as plain data. Persons are named by their person ids: it stays inside the county."""
        return {
            "contract_id": self.contract.id,
            "contract_version": self.contract.version,
            "period": self.period,
            "number": self.number,
            "lines": [{name: _plain(value) for name, value in row.items()} for row in self.lines.to_pylist()],
            "restatements": self.restatements,
            "payers": [{"payer_id": payer, "amount_usd": str(usd)} for payer, usd in self.payers().items()],
            "tie_out": dict(self.tie_out),
            "total_usd": str(self.amount_usd),
        }


def due(lake: Lake, contract: OutcomesContract, measures: Mapping[str, Measure], period: str) -> DueStatement:
    """What is due for a period now.

    Raises:
        LakeError: the lines do not tie out with the measure table, or the period is none of the contract's calendar.
    """
    _refuse_odd_period(contract, period)
    with sql.connect(lake.spill) as connection:
        sql.open_views(connection, lake, [*INPUTS, *CURRENT])
        open_terms(connection, [contract])
        tied = _tied_out(connection, contract)
        frozen = _frozen(lake, contract)
        _open_frozen(connection, frozen)
        _open_changes(connection, lake, contract, measures, frozen)
        changed = bool(frozen) and frozen[-1].facts["contract_version"] != contract.version
        connection.execute("create schema due")
        sql.create(
            connection, "due", PACKAGE, "due_lines",
            {"contract_id": contract.id, "period": period, "contract_changed": changed},
        )  # fmt: skip
        connection.execute("create view due.lines as from due.due_lines")
        payers = sql.relation(connection, PACKAGE, "due_line_payers", {"contract_id": contract.id})
        lines = connection.sql("from due.due_lines").to_arrow_table()
        return DueStatement(contract, period, len(frozen) + 1, lines, payers.to_arrow_table(), tied)


def freeze(
    lake: Lake, stated: DueStatement, measures: Mapping[str, Measure], *, on: date, by: str, release: Mapping[str, Any]
) -> Path:
    """Make a statement final; returns its folder.

    Args:
        on: the day of freezing.
        by: who freezes.
        release: id and inputs of the release that it rests on.

    Raises:
        LakeError: the period may not be frozen yet, or nothing is due.
    """
    first = _freezable_on(stated.contract, stated.period)
    if on < first:
        raise LakeError(
            f"{stated.contract.id}: {stated.period} can be frozen from {first} on; until then data may come"
        )
    if not stated.lines.num_rows:
        raise LakeError(f"{stated.contract.id}: nothing is due for {stated.period} that was not stated before")
    used = {stated.contract.metric(clause).measure for clause in stated.contract.clauses}
    facts = {
        "contract_id": stated.contract.id,
        "contract_version": stated.contract.version,
        "period": stated.period,
        "number": stated.number,
        "frozen_on": on.isoformat(),
        "frozen_by": by,
        "release": dict(release),
        "measures": {name: measures[name].version for name in sorted(filter(None, used))},
        "lines": stated.lines.num_rows,
        "restatements": stated.restatements,
        "total_usd": str(stated.amount_usd),
        "payers": {payer: str(usd) for payer, usd in stated.payers().items()},
    }
    target = _home(lake, stated.contract.id) / f"{stated.number:04d}"
    with new_folder(target) as folder:
        pq.write_table(stated.lines, folder / LINES, compression="zstd")
        pq.write_table(stated.line_payers, folder / LINE_PAYERS, compression="zstd")
        (folder / FACTS).write_text(json.dumps(facts, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    _record_act(lake, target, facts)
    return target


def _record_act(lake: Lake, target: Path, facts: Mapping[str, Any]) -> None:
    files = {name: sha for path in sorted(target.iterdir()) for name, sha in sealed_file(lake, path).items()}
    record_act(
        lake,
        act="statement_frozen",
        by=str(facts["frozen_by"]),
        subject=f"{facts['contract_id']} {facts['period']}, statement {facts['number']}",
        detail={"lines": facts["lines"], "restatements": facts["restatements"], "files": files},
    )


def _plain(value: object) -> object:
    return str(value) if isinstance(value, date | Decimal) else value


@dataclass(frozen=True)
class Frozen:
    """A statement that was frozen."""

    folder: Path
    facts: Mapping[str, Any]


def frozen_statements(lake: Lake, contract_id: str) -> list[Mapping[str, Any]]:
    """The facts of every frozen statement of a contract, oldest first: number, period, release, totals."""
    return [frozen.facts for frozen in _read(_home(lake, contract_id))]


def _home(lake: Lake, contract_id: str) -> Path:
    return lake.root / FOLDER / contract_id


def _frozen(lake: Lake, contract: OutcomesContract) -> list[Frozen]:
    return _read(_home(lake, contract.id))


def _read(home: Path) -> list[Frozen]:
    folders = sorted(home.glob("[0-9][0-9][0-9][0-9]"))
    return [Frozen(folder, json.loads((folder / FACTS).read_text(encoding="utf-8"))) for folder in folders]


def _refuse_odd_period(contract: OutcomesContract, period: str) -> None:
    every = contract.calendar.statement_every
    day = first_day(period)
    if period != (period_of(day, every) if day else "whole" if every == "once" else None):
        example = period_of(contract.starts_on, every)
        raise LakeError(f"{contract.id} is stated every {every}: write the period as in {example}")


def _freezable_on(contract: OutcomesContract, period: str) -> date:
    """The day after a period's end and the days that late data has."""
    day = first_day(period)
    months = {"month": 1, "quarter": 3, "year": 12}.get(contract.calendar.statement_every, 0)
    if day is None:
        ended = contract.ends_on + timedelta(days=1)
    else:
        ended = date(day.year + (day.month - 1 + months) // 12, (day.month - 1 + months) % 12 + 1, 1)
    return ended + timedelta(days=contract.calendar.freeze_after_days)


def _tied_out(connection: duckdb.DuckDBPyConnection, contract: OutcomesContract) -> dict[str, int]:
    rows = sql.relation(connection, PACKAGE, "tie_out", {"contract_id": contract.id}).fetchall()
    for clause_id, lines, measured in rows:
        if lines != measured:
            raise LakeError(
                f"{contract.id}, {clause_id}: {lines} lines and {measured} rows of the measure do not tie out; "
                "run the outcomes and contracts stages again, in this order"
            )
    return {str(clause_id): int(lines) for clause_id, lines, _ in rows}


def _open_frozen(connection: duckdb.DuckDBPyConnection, frozen: list[Frozen]) -> None:
    """`frozen.lines`, `frozen.line_payers`, `frozen.periods`: everything that was stated before."""
    connection.execute("create schema frozen")
    shapes = {LINES: "contracts.statement_lines", LINE_PAYERS: "contracts.statement_line_payers"}
    for file, like in shapes.items():
        table = f"frozen.{file.removesuffix('.parquet')}"
        paths = ", ".join(sql.literal(str(one.folder / file)) for one in frozen)
        source = f"read_parquet([{paths}])" if frozen else f"{like} where false"
        connection.execute(f"create view {table} as from {source}")
    connection.execute("create table frozen.periods (period varchar)")
    for period in sorted({str(one.facts["period"]) for one in frozen}):
        connection.execute("insert into frozen.periods values (?)", [period])


def _open_changes(
    connection: duckdb.DuckDBPyConnection,
    lake: Lake,
    contract: OutcomesContract,
    measures: Mapping[str, Measure],
    frozen: list[Frozen],
) -> None:
    """`changed.measures`, `changed.persons`: what is not as it was when the last statement was frozen."""
    connection.execute("create schema changed")
    connection.execute("create table changed.measures (measure_id varchar)")
    last = frozen[-1].facts if frozen else {"measures": {}, "release": {}}
    for name, version in last["measures"].items():
        if name in measures and measures[name].version != version:
            connection.execute("insert into changed.measures values (?)", [name])
    since = last["release"].get("person_index_version")
    index_changes(connection, lake, since).create("changed.persons")
