"""Whether data contracts and the SQL of this stage agree: every column that it reads must be promised by a contract.

Each statement is run over tables that have the contracts' columns and no rows, so the database itself says what is not
there, for any contract and any statement.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import duckdb

from pipelines import sql
from pipelines.lake import Lake
from pipelines.standardise.code_sets import open_code_sets
from pipelines.standardise.current import open_current
from pipelines.standardise.events import EVENTS, PACKAGE
from pipelines.standardise.identities import make_identities
from pipelines.standardise.rules_sql import load_macros
from pipelines.standardise.sources import open_client_sources, open_identity_sources
from schemas.data_contract import DataContracts


def disagreements(contracts: DataContracts) -> list[str]:
    """What the stage reads and no contract promises: a sentence for each statement that cannot be run."""
    with (
        tempfile.TemporaryDirectory(prefix="countylink-lint-") as folder,
        sql.connect(places=[Path(folder)]) as connection,
    ):
        load_macros(connection)
        open_code_sets(connection)
        open_current(connection, Lake(Path(folder)), contracts, [])
        steps: dict[str, Callable[[], object]] = {
            "identity sources": lambda: open_identity_sources(connection, contracts),
            "client sources": lambda: open_client_sources(connection, contracts),
            "identities": lambda: make_identities(connection),
        }
        steps |= {f"{name}.sql": partial(_read, connection, name) for name in EVENTS}
        return [fault for name, step in steps.items() if (fault := _fault(name, step))]


def _read(connection: duckdb.DuckDBPyConnection, name: str) -> object:
    return sql.relation(connection, PACKAGE, name).fetchall()


def _fault(name: str, step: Callable[[], object]) -> str:
    try:
        step()
    except duckdb.Error as error:  # the tables hold no rows, so its text can quote none
        return f"standardise, {name}: {str(error).splitlines()[0]}; promise it in a contract, or do not read it"
    return ""
