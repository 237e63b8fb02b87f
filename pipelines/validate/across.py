"""Rules that one row cannot show by itself: among the rows of a table, and between the tables of a delivery.

They look at rows that broke no rule of their own, once each key has one row. Tables that others point at come first, so
that a row whose enrolment was refused is known to point nowhere. A row that breaks such a rule is taken out of its
table again and quarantined, or counted, as the contract says.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import polars as pl

from pipelines.ingest import Problem
from pipelines.lake import replacing
from pipelines.validate.among_rows import broken_among_rows
from pipelines.validate.keys import key_hashes, key_text
from pipelines.validate.references import dangling_references
from pipelines.validate.tables import BROKEN_SCHEMA, TableResult
from schemas.data_contract import DataContract, DataContracts
from schemas.from_contract import POLARS_TYPES
from schemas.row_rule_checks import relationship_to
from schemas.row_rules import RowRule, shares_of
from schemas.rule_logic import is_deleted, keeps


@dataclass(frozen=True)
class Found:
    """Rows of a table that break a rule: their numbers in the table, the column and the rule they are told at."""

    rows: pl.Series
    column: str
    rule_id: str
    refuses: bool
    mend: str
    """Of a warning: it follows the count of rows."""


def judge_across(
    folder: Path, as_of: date, contracts: DataContracts, agency: str, results: Mapping[str, TableResult]
) -> tuple[dict[str, TableResult], list[Problem]]:
    """Take what breaks these rules out of the tables in `folder`; gives the new results, and warnings."""
    judged, warnings = dict(results), list[Problem]()
    for contract in _pointed_at_first(contracts.of(agency)):
        path = folder / f"{contract.table}.parquet"
        if contract.table not in results or not path.exists():
            continue
        found = [*_of_rules(path, contract, contracts, as_of), *_of_references(path, contract, contracts)]
        judged[contract.table] = _without(path, contract, judged[contract.table], [one for one in found if one.refuses])
        warnings += [
            Problem(one.rule_id, contract.file_names[0], one.column, f"{len(one.rows)} rows {one.mend}")
            for one in found
            if not one.refuses
        ]
    return judged, warnings


def _pointed_at_first(contracts: tuple[DataContract, ...]) -> Iterator[DataContract]:
    """Contracts in an order in which every table comes after those it points at; there are no circles."""
    waiting = {contract.table: contract for contract in contracts}
    while waiting:
        ready = [
            contract
            for contract in waiting.values()
            if not {reference.table for reference in contract.references} & waiting.keys()
        ]
        for contract in ready:
            yield waiting.pop(contract.table)


def _of_rules(path: Path, contract: DataContract, contracts: DataContracts, as_of: date) -> Iterator[Found]:
    rules = tuple(rule for rule in contract.row_rules if not rule.is_of_one_row)
    if not rules:
        return
    rows = _live_rows(path, contract, contracts, rules)
    kinds = {name: _kind(name, contract, contracts) for rule in rules for name in rule.columns}
    for rule in rules:
        broken = broken_among_rows(rule, rows, contract)
        if broken is None:
            broken = rows.filter(~keeps(rule, kinds, as_of))["_row"]
        if len(broken):
            yield Found(broken, rule.told_at, rule.id, rule.refuses, f"break this rule; {rule.mend}")


def _of_references(path: Path, contract: DataContract, contracts: DataContracts) -> Iterator[Found]:
    for dangling in dangling_references(path, contract, contracts):
        yield Found(dangling.rows, dangling.column, dangling.rule_id, dangling.refuses, dangling.mend)


def _live_rows(
    path: Path, contract: DataContract, contracts: DataContracts, rules: tuple[RowRule, ...]
) -> pl.DataFrame:
    """The rows that do not delete their record, with what the rules need of them and of other tables."""
    own = {name for rule in rules for name in rule.columns if name in contract.column_names}
    marker = [contract.delete_marker.column] if contract.delete_marker else []
    joined = [contract.column(name).name for name in _joined_by(contract, contracts, rules)]
    needed = sorted({*own, *contract.business_key, *marker, *joined})
    rows = pl.scan_parquet(path).select(needed).with_row_index("_row").filter(~is_deleted(contract))
    for table, column in shares_of(rules):
        rows = _with_column_of(rows, path.parent, contract, contracts, table, column)
    return rows.collect().sort("_row")


def _joined_by(contract: DataContract, contracts: DataContracts, rules: tuple[RowRule, ...]) -> Iterator[str]:
    for table, _ in shares_of(rules):
        found = relationship_to(contract, table, contracts)
        if found:
            reference, points_there = found
            yield from reference.columns if points_there else reference.to_columns


def _with_column_of(
    rows: pl.LazyFrame, folder: Path, contract: DataContract, contracts: DataContracts, table: str, column: str
) -> pl.LazyFrame:
    """Add `table.column`: of the row pointed at, or the latest of those that point here; null where there is none."""
    name, other = f"{table}.{column}", contracts.get(contract.agency, table)
    found, path = relationship_to(contract, table, contracts), folder / f"{table}.parquet"
    if other is None or found is None or not path.exists():
        return rows.with_columns(pl.lit(None, POLARS_TYPES[_kind(name, contract, contracts)]).alias(name))
    reference, points_there = found
    here, there = (
        (reference.columns, reference.to_columns) if points_there else (reference.to_columns, reference.columns)
    )
    shared = pl.scan_parquet(path).filter(~is_deleted(other)).group_by(there).agg(pl.col(column).max().alias(name))
    return rows.join(shared, left_on=here, right_on=there, how="left", nulls_equal=False)


def _kind(name: str, contract: DataContract, contracts: DataContracts) -> str:
    table, _, column = name.rpartition(".")
    owner = contracts.get(contract.agency, table) if table else contract
    return owner.column(column).kind if owner else "text"


def _without(path: Path, contract: DataContract, result: TableResult, found: Iterable[Found]) -> TableResult:
    """A table without the rows that were found, and its result with them quarantined."""
    marks = [_marks(one) for one in found]
    if not marks:
        return result
    broken = pl.concat(marks)
    rows = pl.scan_parquet(path).with_row_index("_row")
    taken = rows.filter(pl.col("_row").is_in(broken["_row"].unique().implode())).collect()
    where = taken.select("_row", "_file_name", "_line_number", key_hashes(taken.select(key_text(contract)).to_series()))
    with replacing(path) as staged:
        kept = rows.filter(~pl.col("_row").is_in(broken["_row"].unique().implode())).drop("_row")
        kept.sink_parquet(staged, compression="zstd")
    told = broken.join(where, on="_row").select(*BROKEN_SCHEMA).cast(BROKEN_SCHEMA)
    counts = replace(
        result.counts,
        accepted=result.counts.accepted - len(taken),
        quarantined=result.counts.quarantined + len(taken),
    )
    return replace(result, counts=counts, broken=pl.concat([result.broken, told]))


def _marks(found: Found) -> pl.DataFrame:
    return (
        found.rows.alias("_row")
        .to_frame()
        .with_columns(column_name=pl.lit(found.column), rule_id=pl.lit(found.rule_id))
    )
