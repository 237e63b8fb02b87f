"""Rows that must not have been sent, and every row that would not be there without them.

A contract says which rows are refused (`refusedWhen`): organisations that serve victims of violence must not be in a
homeless management information system at all. With such a row go those that point at it, however far (its projects,
their enrolments, their exits), and clients at whom no other row points any more. The rest of the delivery goes on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from pipelines.ingest import Problem
from pipelines.validate.tables import TableResult
from pipelines.validate.withdrawal import withdraw
from schemas.coverage_terms import RefusedWhen, reference_to
from schemas.data_contract import DataContract


@dataclass
class Refused:
    """What was taken out of a delivery."""

    results: dict[str, TableResult]
    units: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Listing table → its units that were refused."""
    warnings: list[Problem] = field(default_factory=list)


def take_out_refused(folder: Path, contracts: tuple[DataContract, ...], results: Mapping[str, TableResult]) -> Refused:
    """Take refused rows out of the tables in `folder`, and quarantine them."""
    refused = Refused(dict(results))
    for contract in contracts:
        rule = contract.coverage.refused_when
        if rule and (folder / f"{contract.table}.parquet").exists():
            _take_out(folder, contract, rule, contracts, refused)
    return refused


def _take_out(
    folder: Path, contract: DataContract, rule: RefusedWhen, contracts: tuple[DataContract, ...], refused: Refused
) -> None:
    spread = _Spread(folder, contracts)
    spread.begin(contract, rule)
    if not spread.rows:
        return
    listing = {one.coverage.scope.listed_in for one in contracts if one.coverage.scope and one.coverage.scope.column}
    for table, rows in spread.rows.items():
        own = next(one for one in contracts if one.table == table)
        path = folder / f"{table}.parquet"
        if table in listing and own.coverage.scope and own.coverage.scope.column:
            units = _values(path, [own.coverage.scope.column], rows).to_series().cast(pl.String).unique().sort()
            refused.units[table] = tuple(units.to_list())
        told = (spread.columns[table], rule.rule_id, rule.mend)
        refused.results[table] = withdraw(path, own, refused.results[table], rows, *told)
        refused.warnings.append(
            Problem(rule.rule_id, own.file_names[0], spread.columns[table], f"{len(rows)} rows refused: {rule.mend}")
        )


class _Spread:
    """Rows to take out, by table, as they follow from the ones refused."""

    def __init__(self, folder: Path, contracts: tuple[DataContract, ...]) -> None:
        self.rows: dict[str, pl.Series] = {}
        self.columns: dict[str, str] = {}
        """Table → the columns at which it is told why."""
        self._folder = folder
        self._contracts = [one for one in contracts if (folder / f"{one.table}.parquet").exists()]

    def begin(self, contract: DataContract, rule: RefusedWhen) -> None:
        """Take the rows that a rule refuses, and follow."""
        named = pl.col(rule.column).cast(pl.String).is_in(list(rule.values))
        rows = self._scan(contract.table, [rule.column]).filter(named)
        self._add(contract.table, rows.select("_row").collect()["_row"], rule.column)
        grown = bool(self.rows)
        while grown:
            added = [self._add(*found) for found in (*self._pointing(), *self._pointed_at())]
            grown = any(added)

    def _pointing(self) -> Iterator[tuple[str, pl.Series, str]]:
        """Rows that point at a row which is taken out."""
        for contract in self._contracts:
            for reference in contract.references:
                if reference.table in self.rows:
                    gone = _values(self._path(reference.table), reference.to_columns, self.rows[reference.table])
                    rows = self._scan(contract.table, reference.columns)
                    found = rows.join(gone.lazy(), left_on=reference.columns, right_on=reference.to_columns, how="semi")
                    yield contract.table, found.select("_row").collect()["_row"], ", ".join(reference.columns)

    def _pointed_at(self) -> Iterator[tuple[str, pl.Series, str]]:
        """Rows that are there for others' sake only, when all those others are taken out."""
        for contract in self._contracts:
            scope = contract.coverage.scope
            below = [one for one in self._contracts if scope and one.table in scope.children]
            if not any(child.table in self.rows for child in below):
                continue
            for child in below:
                pointer = reference_to(child, contract.table)
                if pointer is None or child.table not in self.rows:
                    continue
                gone = pl.col("_row").is_in(self.rows[child.table].implode())
                rows = self._scan(child.table, pointer[0])
                lost = rows.filter(gone).join(rows.filter(~gone), on=pointer[0], how="anti")
                found = self._scan(contract.table, pointer[1]).join(
                    lost, left_on=pointer[1], right_on=pointer[0], how="semi"
                )
                yield contract.table, found.select("_row").collect()["_row"], ", ".join(pointer[1])

    def _add(self, table: str, rows: pl.Series, column: str) -> bool:
        """Whether there is a row among these that was not taken out yet."""
        known = self.rows.get(table, pl.Series("_row", [], pl.UInt32))
        together = pl.concat([known, rows.cast(pl.UInt32)]).unique().sort()
        if len(together) == len(known):
            return False
        self.rows[table] = together
        self.columns.setdefault(table, column)
        return True

    def _scan(self, table: str, columns: list[str] | tuple[str, ...]) -> pl.LazyFrame:
        return pl.scan_parquet(self._path(table)).select(columns).with_row_index("_row")

    def _path(self, table: str) -> Path:
        return self._folder / f"{table}.parquet"


def _values(path: Path, columns: list[str] | tuple[str, ...], rows: pl.Series) -> pl.DataFrame:
    numbered = pl.scan_parquet(path).select(columns).with_row_index("_row")
    return numbered.filter(pl.col("_row").is_in(rows.implode())).drop("_row").collect()
