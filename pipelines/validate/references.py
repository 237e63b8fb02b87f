"""Rows that point at a row which is not there: counted and told, not refused.

Only between whole tables of one delivery. In a delta the row pointed at may have come long ago.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from pipelines.ingest import Problem
from schemas.data_contract import DataContract, Reference


def dangling_references(folder: Path, contracts: tuple[DataContract, ...]) -> list[Problem]:
    """A warning for every reference between full tables in a folder that does not hold for all rows."""
    whole = {one.table for one in contracts if one.semantics == "full" and (folder / f"{one.table}.parquet").exists()}
    warnings = []
    for contract in contracts:
        for reference in contract.references:
            if {contract.table, reference.table} <= whole and (rows := _dangling(folder, contract, reference)):
                column = ", ".join(reference.columns)
                mend = f"{rows} rows point at no row of {reference.table}; send the rows they belong to"
                warnings.append(Problem("reference.points_nowhere", contract.file_names[0], column, mend))
    return warnings


def _dangling(folder: Path, contract: DataContract, reference: Reference) -> int:
    rows = pl.scan_parquet(folder / f"{contract.table}.parquet").select(reference.columns).drop_nulls()
    targets = pl.scan_parquet(folder / f"{reference.table}.parquet").select(reference.to_columns)
    missing = rows.join(targets, left_on=reference.columns, right_on=reference.to_columns, how="anti")
    return int(missing.select(pl.len()).collect().item())
