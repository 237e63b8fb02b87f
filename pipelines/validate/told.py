"""What a delivery says of itself: whether it is whole, of which units and days it speaks, in which version.

Kept with the receipt, so that later stages need not read the delivery's tables to know what it may replace. Units are
ids of projects, clinics and the like, never of persons.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.ingest import Delivery, Problem
from pipelines.validate.columns import sources
from schemas.coverage_terms import Scope, SemanticsBy, listing_column, reference_to
from schemas.data_contract import DataContract, DataContracts, HashedWhen

NOT_UNDERSTOOD = "semantics.not_understood"


@dataclass(frozen=True)
class Told:
    """What a delivery says of itself."""

    semantics: Mapping[str, str] = field(default_factory=dict)
    """Table → `full`, `delta` or `period`."""
    version: str = ""
    """The version of its format, if its contract asks for one."""
    starts_on: date | None = None
    ends_on: date | None = None
    """First and last day of which it tells; None: of all days."""
    units: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Listing table → the units for which the delivery is whole, the refused ones among them."""
    refused: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Listing table → units that must not have been sent."""
    strays: Mapping[str, int] = field(default_factory=dict)
    """Table → rows that belong to no listed unit; of a table of clients: rows that point at clients not sent."""
    content: str = ""
    """Same for the same bytes, whatever the date or folder; empty for a delivery without rows."""

    @property
    def is_full(self) -> bool:
        """Whether every table is whole."""
        return bool(self.semantics) and set(self.semantics.values()) == {"full"}

    def holds(self, other: Told) -> bool:
        """Whether this delivery speaks of every unit and day of which the other one speaks."""
        starts = self.starts_on is None or (other.starts_on is not None and self.starts_on <= other.starts_on)
        ends = self.ends_on is None or (other.ends_on is not None and self.ends_on >= other.ends_on)
        return self.holds_units(other) and starts and ends

    def holds_units(self, other: Told) -> bool:
        """Whether this delivery speaks of every unit of which the other one speaks."""
        return all(set(listed) <= set(self.units.get(table, ())) for table, listed in other.units.items())


def read_told(facts: Mapping[str, Any]) -> Told:
    """What `dataclasses.asdict` made of a `Told`, through JSON and back."""
    days = {name: facts[name] and date.fromisoformat(facts[name]) for name in ("starts_on", "ends_on")}
    lists = {name: {table: tuple(ids) for table, ids in facts[name].items()} for name in ("units", "refused")}
    return Told(**{**facts, **days, **lists})


def content_of(delivery: Delivery) -> str:
    """The hash of a delivery's tables as sent, without its date; empty if there is no row in them."""
    files = sorted((file.name, file.sha256) for file in delivery.files if file.table)
    if not any(file.rows + file.unreadable_rows for file in delivery.files if file.table):
        return ""
    return hashlib.sha256("".join(f"{name}\0{sha256}\n" for name, sha256 in files).encode()).hexdigest()


def semantics_told(folder: Path, contracts: tuple[DataContract, ...]) -> tuple[dict[str, str], list[Problem]]:
    """Table → semantics, and why the delivery does not say so where its contracts expect it to."""
    told, held = {}, {}
    files = {contract.table: contract.file_names[0] for contract in contracts}
    for contract in contracts:
        by = contract.coverage.semantics_by
        told[contract.table] = contract.semantics
        if by is None:
            continue
        header = folder / f"{by.table}.parquet"
        if not header.exists():
            continue  # that the header table is missing or unread has been told
        said = {column: _said(pl.read_parquet(header, columns=[column])[column], codes)
                for column, codes in by.columns.items()}  # fmt: skip
        if None in said.values():
            held.update(
                {column: _not_understood(by, column, files[by.table]) for column, word in said.items() if word is None}
            )
        else:
            told[contract.table] = "full" if set(said.values()) == {"full"} else "delta"
    return told, list(held.values())


def as_told(contracts: DataContracts, semantics: Mapping[str, str]) -> DataContracts:
    """Contracts whose tables have the semantics that a delivery told."""
    told = (
        replace(one, coverage=replace(one.coverage, semantics=semantics.get(one.table, one.semantics)))
        for one in contracts.all()
    )
    return DataContracts(contracts.root, tuple(told))


def _said(values: pl.Series, codes: Mapping[str, str]) -> str | None:
    """What a column's one value means; None if there are several, none, or one that is not listed."""
    found = {codes.get(str(value)) for value in values.to_list()}
    return found.pop() if len(found) == 1 else None


def _not_understood(by: SemanticsBy, column: str, file: str) -> Problem:
    codes = ", ".join(f"{code} ({meaning})" for code, meaning in by.columns[column].items())
    return Problem(
        NOT_UNDERSTOOD,
        file,
        column,
        f"say whether the delivery is whole or a change set: one of {codes}; what may be deleted cannot be guessed",
    )


def window_told(folder: Path, contracts: Iterable[DataContract]) -> tuple[date | None, date | None]:
    """First and last day of which a delivery tells, by the first contract that asks for them."""
    for contract in contracts:
        window = contract.coverage.window
        header = folder / f"{window.table}.parquet" if window else None
        if window and header and header.exists():
            frame = pl.read_parquet(header, columns=[window.start, window.end])
            return _day(frame[window.start].min()), _day(frame[window.end].max())
    return None, None


def _day(value: object) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else None


def units_told(
    folder: Path, contracts: tuple[DataContract, ...], refused: Mapping[str, tuple[str, ...]]
) -> dict[str, tuple[str, ...]]:
    """Listing table → the units that it lists, and those that were refused."""
    listed: dict[str, set[str]] = {}
    for contract in contracts:
        scope = contract.coverage.scope
        column = listing_column(contract, scope.listed_in) if scope and scope.column else None
        path = folder / f"{scope.listed_in}.parquet" if scope else None
        if scope and column and path and path.exists() and scope.listed_in not in listed:
            found = pl.read_parquet(path, columns=[column])[column].drop_nulls().cast(pl.String)
            listed[scope.listed_in] = {*found.to_list(), *refused.get(scope.listed_in, ())}
    return {table: tuple(sorted(units)) for table, units in sorted(listed.items())}


def strays_told(
    folder: Path, contracts: tuple[DataContract, ...], units: Mapping[str, tuple[str, ...]]
) -> dict[str, int]:
    """Table → rows outside the units for which the delivery is whole, where there are any."""
    counts = {
        contract.table: _strays(folder, contract, contract.coverage.scope, contracts, units)
        for contract in contracts
        if contract.coverage.scope and (folder / f"{contract.table}.parquet").exists()
    }
    return {table: rows for table, rows in counts.items() if rows}


def _strays(
    folder: Path,
    contract: DataContract,
    scope: Scope,
    contracts: tuple[DataContract, ...],
    units: Mapping[str, tuple[str, ...]],
) -> int:
    if scope.column:
        unit = pl.col(scope.column).cast(pl.String)
        rows = pl.scan_parquet(folder / f"{contract.table}.parquet").select(unit)
        return _count(rows.filter(~unit.is_in(units.get(scope.listed_in, ())).fill_null(False)))
    if scope.parent:
        return _pointing_nowhere(folder, contract, scope.parent)
    return sum(_pointing_nowhere(folder, one, contract.table) for one in contracts if one.table in scope.children)


def _pointing_nowhere(folder: Path, contract: DataContract, table: str) -> int:
    """Rows of a table that point at no row of another in the same delivery."""
    pointer = reference_to(contract, table)
    source, target = folder / f"{contract.table}.parquet", folder / f"{table}.parquet"
    if pointer is None or not source.exists():
        return 0
    columns, to_columns = list(pointer[0]), list(pointer[1])
    rows = pl.scan_parquet(source).select(columns)
    if not target.exists():
        return _count(rows)
    targets = pl.scan_parquet(target).select(to_columns)
    return _count(rows.join(targets, left_on=columns, right_on=to_columns, how="anti"))


def _count(rows: pl.LazyFrame) -> int:
    return int(rows.select(pl.len()).collect().item())


def says_hashed(raw: Path, contracts: Iterable[DataContract]) -> bool:
    """Whether a delivery's tables of text in `raw` say that its names are hashes."""
    by_table = {contract.table: contract for contract in contracts}
    rules = [contract.hashed_when for contract in by_table.values() if contract.hashed_when]
    return any(_says_hashed(raw, by_table.get(rule.table), rule) for rule in rules)


def _says_hashed(raw: Path, contract: DataContract | None, rule: HashedWhen) -> bool:
    path = raw / f"{rule.table}.parquet"
    if contract is None or not path.exists():
        return False
    text = pl.read_parquet(path)
    said = [text[name].to_list() for name in sources(contract.column(rule.column), text.columns)]
    return any(value is not None and value not in rule.plain for values in said for value in values)


def data_through(folder: Path, contracts: Iterable[DataContract], as_of: date) -> date | None:
    """The earliest day up to which any of the delivery's tables speaks."""
    days = [day for contract in contracts if (day := _through(folder, contract, as_of)) is not None]
    return min(days, default=None)


def _through(folder: Path, contract: DataContract, as_of: date) -> date | None:
    rule = contract.data_through
    if rule.lag_days is not None:
        return as_of - timedelta(days=rule.lag_days)
    path = folder / f"{rule.table}.parquet"
    if not path.exists():
        return None
    return _day(pl.read_parquet(path, columns=[str(rule.column)])[str(rule.column)].max())
