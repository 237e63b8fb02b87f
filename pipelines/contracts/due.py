"""What is due for a period: its lines, and what later changed of what was stated before.

A statement holds the period's lines, and for every earlier period the difference between what was stated and what is
known now, each with its cause. So everything ever stated for a line sums to what it is worth on the last statement, and
nothing is ever edited.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
import pyarrow as pa

from pipelines import sql
from pipelines.contracts.frozen import LINE_PAYERS, LINES, Frozen, read_frozen
from pipelines.contracts.known import known_at
from pipelines.contracts.quantities import first_day
from pipelines.contracts.reimbursement import Reimbursed, reimbursed_in
from pipelines.contracts.state import PACKAGE, period_of
from pipelines.contracts.terms import OutcomesContract
from pipelines.errors import LakeError
from pipelines.lake import Lake
from pipelines.outcomes import Measure
from pipelines.person_index import index_changes

TIED = (
    ("line_count", "row_count", ("lines", "rows")),
    ("line_quantity", "row_quantity", ("units on lines", "units")),
)
"""What must be the same on both sides of a tie: columns of `tie_out`, and what they count."""


STATED_BEFORE = ("number", "period", "frozen_on", "total_usd")
"""What a statement tells of those before it."""


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
    measures: Mapping[str, str] = field(default_factory=dict)
    """Measure → version of its definition under which the lines were stated."""
    before: Sequence[Mapping[str, Any]] = ()
    """The facts of the statements that were frozen before, oldest first; of their lines only changes are due."""
    reimbursed: Reimbursed | None = None
    """What reimbursing cost would have paid in the period, where the contract states rates."""

    @property
    def amount_usd(self) -> Decimal:
        """What is due, restatements included."""
        return sum(self.lines.column("amount_usd").to_pylist(), Decimal("0.00"))

    @property
    def restatements(self) -> int:
        """How many lines restate an earlier statement."""
        return sum(self.lines.column("is_restatement").to_pylist())

    @property
    def stated_elsewhere(self) -> list[str]:
        """Clauses that no measure of ours decides: their quantities come from a file, and are in no line here."""
        clauses = self.contract.clauses
        return [one.id for one in clauses if one.pays_per == "population" or self.contract.metric(one).measure is None]

    def payers(self) -> dict[str, Decimal]:
        """What each payer owes of it."""
        owed = {payer.id: Decimal("0.00") for payer in self.contract.payers}
        for row in self.line_payers.to_pylist():
            owed[row["payer_id"]] += row["amount_usd"]
        return owed

    def told_lines(self) -> list[dict[str, Any]]:
        """Every line with the rule that it follows, and what each payer pays of it."""
        paid: dict[str, dict[str, str]] = {}
        for row in self.line_payers.to_pylist():
            paid.setdefault(row["line_id"], {})[row["payer_id"]] = str(row["amount_usd"])
        return [
            line
            | {"rule": f"{line['measure_id']} {self.measures.get(line['measure_id'], '')}".strip()}
            | {"payers": paid.get(line["line_id"], {})}
            for line in self.lines.to_pylist()
        ]

    def as_json(self) -> dict[str, Any]:
        """The statement as plain data. Persons are named by their person ids: it stays inside the county."""
        return {
            "contract_id": self.contract.id,
            "contract_version": self.contract.version,
            "period": self.period,
            "number": self.number,
            "lines": [{name: _plain(value) for name, value in row.items()} for row in self.told_lines()],
            "restatements": self.restatements,
            "payers": [{"payer_id": payer, "amount_usd": str(usd)} for payer, usd in self.payers().items()],
            "tie_out": dict(self.tie_out),
            "stated_elsewhere": self.stated_elsewhere,
            "cost_reimbursement": self.reimbursed.as_json() if self.reimbursed else None,
            "total_usd": str(self.amount_usd),
            "stated_before": [{name: facts[name] for name in STATED_BEFORE} for facts in self.before],
        }


def _plain(value: object) -> object:
    return str(value) if isinstance(value, date | Decimal) else value


def due(
    lake: Lake,
    contract: OutcomesContract,
    measures: Mapping[str, Measure],
    period: str,
    release: Mapping[str, Any] | None = None,
) -> DueStatement:
    """What is due for a period, as known at a release (id and inputs), or as the last run left it.

    Raises:
        LakeError: the lines do not tie out with the measure table, the period is none of the contract's calendar, or
            the release is older than the last statement, or was made under other terms, or without keeping its lines.
    """
    _refuse_odd_period(contract, period)
    known, frozen = known_at(lake, release), read_frozen(lake, contract.id)
    _refuse_older(contract, frozen, release)
    with sql.connect(lake.spill) as connection:
        known.open(connection)
        if release is not None:
            _refuse_other_terms(contract, known.contract_versions(connection, contract), release)
        tied = _tied_out(contract, known.ties(connection, contract))
        versions = _versions(contract, measures) | known.measure_versions(connection, contract)
        _open_frozen(connection, frozen)
        _open_changes(connection, lake, versions, frozen, release)
        changed = bool(frozen) and frozen[-1].facts["contract_version"] != contract.version
        connection.execute("create schema due")
        sql.create(
            connection, "due", PACKAGE, "due_lines",
            {"contract_id": contract.id, "period": period, "contract_changed": changed},
        )  # fmt: skip
        connection.execute("create view due.lines as from due.due_lines")
        payers = sql.relation(connection, PACKAGE, "due_line_payers", {"contract_id": contract.id}).to_arrow_table()
        lines = connection.sql("from due.due_lines").to_arrow_table()
    beside = reimbursed_in(lake, contract, period)
    before = [one.facts for one in frozen]
    return DueStatement(contract, period, len(frozen) + 1, lines, payers, tied, versions, before, beside)


def _refuse_odd_period(contract: OutcomesContract, period: str) -> None:
    every = contract.calendar.statement_every
    day = first_day(period)
    if period != (period_of(day, every) if day else "whole" if every == "once" else None):
        example = period_of(contract.starts_on, every)
        raise LakeError(f"{contract.id} is stated every {every}: write the period as in {example}")


def _refuse_older(contract: OutcomesContract, frozen: Sequence[Frozen], release: Mapping[str, Any] | None) -> None:
    """A statement never rests on less than the one before: what it restated would be taken back without a cause."""
    last = frozen[-1].facts["release"] if frozen else {}
    if release is not None and str(release.get("as_of", "")) < str(last.get("as_of", "")):
        raise LakeError(
            f"{contract.id}: statement {len(frozen)} rests on release {last['release_id']} as of {last['as_of']}, "
            f"which is later than {release['release_id']}; name that release or a later one"
        )


def _refuse_other_terms(contract: OutcomesContract, stated: set[str], release: Mapping[str, Any]) -> None:
    if stated - {contract.version}:
        raise LakeError(
            f"release {release['release_id']} was stated under version {', '.join(sorted(stated))} of {contract.id}, "
            f"and this is version {contract.version}; name the YAML of that version"
        )


def _versions(contract: OutcomesContract, measures: Mapping[str, Measure]) -> dict[str, str]:
    used = {contract.metric(clause).measure for clause in contract.clauses}
    return {name: measures[name].version for name in filter(None, used)}


def _tied_out(contract: OutcomesContract, ties: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    for tie in ties:
        for stated, measured, unit in TIED:
            if tie.get(stated) != tie.get(measured):
                raise LakeError(
                    f"{contract.id}, {tie['clause_id']}: {tie[stated]} {unit[0]} and {tie[measured]} {unit[1]} of the "
                    "measure do not tie out: the contract or a measure changed since the last run; `countylink run` "
                    "makes both anew"
                )
    return {str(tie["clause_id"]): int(tie["line_count"]) for tie in ties}


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
    versions: Mapping[str, str],
    frozen: list[Frozen],
    release: Mapping[str, Any] | None,
) -> None:
    """`changed.measures`, `changed.persons`: what is not as it was when the last statement was frozen."""
    connection.execute("create schema changed")
    connection.execute("create table changed.measures (measure_id varchar)")
    last = frozen[-1].facts if frozen else {"measures": {}, "release": {}}
    for name, version in last["measures"].items():
        if versions.get(name, version) != version:
            connection.execute("insert into changed.measures values (?)", [name])
    since = last["release"].get("person_index_version")
    until = release.get("person_index_version") if release else None
    index_changes(connection, lake, since, until).create("changed.persons")
