"""The code sets that events, episodes and measures join: versioned CSV files with an index beside them.

Belongs here: reading them and making them readable as `code_sets.<name>`. What a code means stands in the CSV.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb

from pipelines import sql
from pipelines.errors import ContractError
from pipelines.places import COUNTY
from schemas.yaml_documents import read_yaml

CODE_SETS = COUNTY / "outcome_contracts" / "code_sets"
"""The county's code sets."""

INDEX = "index.yaml"


def code_set_versions(folder: Path = CODE_SETS) -> Mapping[str, str]:
    """Name → version of every code set in a folder, from its index."""
    index = read_yaml((folder / INDEX).read_text(encoding="utf-8"))
    return {name: _version(folder, name, entry) for name, entry in index.items()}


def open_code_sets(connection: duckdb.DuckDBPyConnection, folder: Path = CODE_SETS) -> None:
    """Make every code set readable as `code_sets.<name>`: text columns, and booleans for the `is_…` columns."""
    connection.execute("create schema if not exists code_sets")
    for name in sorted(code_set_versions(folder)):
        _open(connection, name, folder / f"{name}.csv")


def _open(connection: duckdb.DuckDBPyConnection, name: str, path: Path) -> None:
    # auto_detect would make the number 450 of the revenue code 0450; all_varchar keeps codes as they are written.
    source = f"read_csv({sql.literal(str(path))}, header = true, all_varchar = true, quote = '\"', delim = ',')"
    with path.open(newline="", encoding="utf-8") as file:
        columns = next(csv.reader(file))
    selected = ", ".join(_typed(column) for column in columns)
    connection.execute(f"create or replace table code_sets.{name} as select {selected} from {source}")


def _typed(column: str) -> str:
    if column.startswith(("is_", "leaves_")):
        return f"({column} = 'true') as {column}"
    if column.endswith("_rank"):
        return f"{column}::integer as {column}"
    return column


def _version(folder: Path, name: str, entry: Any) -> str:
    if not isinstance(entry, dict) or not {"version", "title", "source"} <= entry.keys():
        raise ContractError(f"{folder / INDEX}: code set {name} needs version, title and source")
    if not (folder / f"{name}.csv").exists():
        raise ContractError(f"{folder / INDEX}: code set {name} has no file {name}.csv beside the index")
    return str(entry["version"])
