"""What was known when a release was made: the statement lines that it rests on, kept beside those of the last run.

`contracts/releases/<release>/` holds `statement_lines`, `statement_line_payers` and `tie_out`, written once. So a
statement can be frozen on any release, however many nights have passed since.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from pipelines import sql
from pipelines.contracts.state import INPUTS, PACKAGE, load_terms, open_terms
from pipelines.contracts.terms import OutcomesContract
from pipelines.errors import LakeError
from pipelines.lake import Lake, new_folder

FOLDER, TIE_OUT = "releases", "tie_out"
LINES, LINE_PAYERS = "statement_lines", "statement_line_payers"

QUANTITY = pa.decimal128(18, 6)

TIES = pa.schema(
    [
        ("contract_id", pa.string()),
        ("clause_id", pa.string()),
        ("line_count", pa.int64()),
        ("row_count", pa.int64()),
        ("line_quantity", QUANTITY),
        ("row_quantity", QUANTITY),
    ]
)
"""Columns of `tie_out`. Grain: contract × clause that our measures decide: its lines, and the measure's rows, each with
the units in them. Releases that were kept before 2026-11-22 have no quantities."""


@dataclass(frozen=True)
class Known:
    """Where the lines lie that a statement is made of; `folder` is that of a release, None for the last run."""

    lake: Lake
    folder: Path | None = None

    def open(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Make `contracts.statement_lines` and `contracts.statement_line_payers` readable."""
        connection.execute("create schema if not exists contracts")
        for table in (LINES, LINE_PAYERS):
            path = self.lake.path("contracts", table) if self.folder is None else self.folder / f"{table}.parquet"
            connection.execute(f"create view contracts.{table} as from read_parquet({sql.literal(str(path))})")

    def ties(self, connection: duckdb.DuckDBPyConnection, contract: OutcomesContract) -> list[dict[str, object]]:
        """A row a clause: its lines, and the rows of the measure that they should be."""
        if self.folder is not None:
            rows: list[dict[str, object]] = pq.read_table(self.folder / f"{TIE_OUT}.parquet").to_pylist()
            return [row for row in rows if row["contract_id"] == contract.id]
        sql.open_views(connection, self.lake, INPUTS)
        open_terms(connection, [contract])
        found = sql.relation(connection, PACKAGE, TIE_OUT, {"contract_id": contract.id}).to_arrow_table()
        return [{"contract_id": contract.id} | row for row in found.to_pylist()]

    def measure_versions(self, connection: duckdb.DuckDBPyConnection, contract: OutcomesContract) -> dict[str, str]:
        """Measure → version of its definition, of the measures that paid anything."""
        query = "select distinct measure_id, definition_version from contracts.statement_lines where contract_id = ?"
        return dict(connection.execute(query, [contract.id]).fetchall())

    def contract_versions(self, connection: duckdb.DuckDBPyConnection, contract: OutcomesContract) -> set[str]:
        """Versions of the contract under which the lines were stated."""
        query = "select distinct contract_version from contracts.statement_lines where contract_id = ?"
        return {row[0] for row in connection.execute(query, [contract.id]).fetchall()}


def known_at(lake: Lake, release: Mapping[str, object] | None) -> Known:
    """What a release rests on, or the last run (None); raises LakeError where a release's lines were not kept."""
    if release is None:
        return Known(lake)
    folder = _folder(lake, str(release["release_id"]))
    if not folder.is_dir():
        raise LakeError(
            f"the statement lines of release {folder.name} were not kept, for it was made before they were; "
            "a release that is made from now on has them"
        )
    return Known(lake, folder)


def keep(lake: Lake, release_id: str, outcome_contracts: Path) -> bool:
    """Keep the lines that a release rests on; returns whether they were not kept before."""
    target = _folder(lake, release_id)
    if target.is_dir():
        return False
    current = Known(lake)
    ties: list[dict[str, object]] = []
    for contract in load_terms(outcome_contracts):
        with sql.connect(lake.spill) as connection:
            current.open(connection)
            ties += current.ties(connection, contract)
    with new_folder(target) as folder:
        for table in (LINES, LINE_PAYERS):
            shutil.copyfile(lake.path("contracts", table), folder / f"{table}.parquet")
        pq.write_table(pa.Table.from_pylist(ties, schema=TIES), folder / f"{TIE_OUT}.parquet", compression="zstd")
    return True


def _folder(lake: Lake, release_id: str) -> Path:
    return lake.zone("contracts") / FOLDER / release_id
