"""Rows that point at a row which is not there.

Between whole tables of one delivery this can be known, and the contract says what becomes of such rows: `row`, they
are quarantined, or `warn`, they are counted (the default). In a delta the row pointed at may have come long ago, and
one delivery does not show it: such rows are counted at most, where the contract asks for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from schemas.data_contract import DataContract, DataContracts, Reference
from schemas.rule_logic import is_deleted

POINTS_NOWHERE = "reference.points_nowhere"


@dataclass(frozen=True)
class Dangling:
    """Rows of a table that point at no row of another."""

    rows: pl.Series
    """Their numbers in the table."""
    column: str
    refuses: bool
    mend: str
    rule_id: str = POINTS_NOWHERE


def dangling_references(path: Path, contract: DataContract, contracts: DataContracts) -> Iterator[Dangling]:
    """What dangles of the table in a file; tables that it points at lie beside it."""
    for reference in contract.references:
        target, there = contracts.get(contract.agency, reference.table), path.with_name(f"{reference.table}.parquet")
        if target is None or not there.exists():
            continue
        are_whole = is_whole(contract) and is_whole(target)
        if not are_whole and reference.when_broken is None:
            continue
        rows = _dangling(path, there, contract, reference)
        if len(rows):
            refuses = are_whole and reference.when_broken == "row"
            yield Dangling(rows, ", ".join(reference.columns), refuses, _mend(reference, are_whole))


def is_whole(contract: DataContract) -> bool:
    """Whether a delivery holds every row in force of a table, so that a row which is not there does not exist."""
    return contract.semantics == "full"


def _mend(reference: Reference, are_whole: bool) -> str:
    if are_whole:
        return f"point at no row of {reference.table}; send the rows they belong to"
    return f"point at no row of {reference.table} in this delivery; earlier ones must have held them"


def _dangling(path: Path, there: Path, contract: DataContract, reference: Reference) -> pl.Series:
    marker = [contract.delete_marker.column] if contract.delete_marker else []
    named = list(dict.fromkeys([*reference.columns, *marker]))
    rows = pl.scan_parquet(path).select(named).with_row_index("_row").filter(~is_deleted(contract))
    targets = pl.scan_parquet(there).select(reference.to_columns)
    missing = rows.drop_nulls(list(reference.columns)).join(
        targets, left_on=reference.columns, right_on=reference.to_columns, how="anti"
    )
    return missing.select("_row").collect()["_row"].sort()
