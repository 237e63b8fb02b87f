"""Read column lineage off the `.sql` files: slow (a parse a column), so done when a file changes, not by a run."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Container, Iterable, Mapping
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from sqlglot import exp, parse_one
from sqlglot.lineage import lineage
from sqlglot.optimizer.qualify import qualify

from pipelines import sql
from pipelines.episodes.build import EPISODES, MEMBERS
from pipelines.lake import Lake
from pipelines.publish.published_contracts import load_published_contracts
from pipelines.standardise.code_sets import CODE_SETS
from pipelines.standardise.events import EVENTS
from schemas.data_contract import DataContracts

Columns = dict[str, list[str]]
"""Column → the columns that it comes from, as `zone/table.column`, sorted."""

ZONES = ("quarantine", "standard", "linked", "person_index", "episodes", "outcomes", "contracts")

TRACE = ("_delivery_id", "_line_number")

DELIVERIES = "raw/deliveries"

BETWEEN = {
    ("publish", "person_keys"): {"person_key": "person_index/person_of_client.person_id"},
    ("publish", "people_out"): {"person_id": "person_index/person_of_client.person_id"},
}
"""Tables that Python makes between two files: column → where it comes from."""

FILES = (
    *(("standard", "pipelines.standardise", name) for name in EVENTS),
    *(("episodes", "pipelines.episodes", name) for name in EPISODES),
    ("outcomes", "pipelines.outcomes", "unknown_clients"),
    ("contracts", "pipelines.contracts", "statements"),
)
"""Zone, package and name of the tables that one file makes, in the order data goes; the published ones follow."""

DIALECT = "duckdb"


def walk(lake: Lake, contracts: DataContracts, only: Container[str] | None = None) -> dict[str, Columns]:
    """`zone/table` → its columns' lineage, for every table that one `.sql` file makes.

    Args:
        lake: gives the columns of its tables; no row is read.
        contracts: give the columns of what agencies send.
        only: the tables that are asked for; None: all.
    """
    walker = _Walker(_schema(lake, contracts), contracts)
    wanted = {f"{zone}/{name}": (package, name) for zone, package, name in every_file()}
    wanted = {table: file for table, file in wanted.items() if only is None or table in only}
    if any(table.startswith("episodes/") for table in wanted):
        for name in MEMBERS:
            walker.open_between("members", name, "pipelines.episodes")
    return {table: walker.columns(*file) for table, file in wanted.items()}


def every_file() -> list[tuple[str, str, str]]:
    """Zone, package and name of every file that makes a table by itself, published ones too."""
    published = [name for name in load_published_contracts() if name != "disclosure"]
    return [*FILES, *(("published", "pipelines.publish", name) for name in published)]


def files_sha256() -> str:
    """Changes when a file changes that lineage is read off."""
    members = [("members", "pipelines.episodes", name) for name in MEMBERS]
    texts = [sql.text(package, name) for _, package, name in [*members, *every_file()]]
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()


class _Walker:
    """Knows every table's columns, and what tables between two files come from."""

    def __init__(self, schema: dict[str, Any], contracts: DataContracts) -> None:
        self._schema, self._between = schema, dict(BETWEEN)
        self._spelling = {name.lower(): name for one in contracts.all() for name in one.column_names}
        self._more: dict[tuple[str, str], Columns] = {}

    def open_between(self, schema: str, name: str, package: str) -> None:
        found = self.columns(package, name)
        self._more[schema, name] = found
        self._schema.setdefault(schema, {})[name] = dict.fromkeys(found, "TEXT")

    def columns(self, package: str, name: str) -> Columns:
        query = _query(sql.text(package, name))
        whole = qualify(query.copy(), schema=self._schema, dialect=DIALECT, validate_qualify_columns=False)
        assert isinstance(whole, exp.Query)
        return {column.alias_or_name: self._sources(query, column.alias_or_name) for column in whole.selects}

    def _sources(self, query: exp.Query, column: str) -> list[str]:
        root = lineage(column, query.copy(), schema=self._schema, dialect=DIALECT, validate_qualify_columns=False)
        leaves = [one for one in root.walk() if not one.downstream]
        tables = [(one.expression, one.name.rpartition(".")[2].strip('"')) for one in leaves]
        named = (self._named(table, name) for table, name in tables if isinstance(table, exp.Table))
        return sorted({source for found in named for source in found})

    def _named(self, table: exp.Table, column: str) -> Iterable[str]:
        place = (table.db, table.name)
        if place in self._more:
            return self._more[place].get(column, [])
        if place in self._between:
            return [self._between[place][column]]
        if place[0] == "current" and place[1] != "delivery_status":
            return [f"validated/{table.name}.{self._spelling.get(column, column)}"]
        if place[0] in ("current", "publish"):
            return [f"{DELIVERIES}.{column}"]
        return [f"{place[0]}/{place[1]}.{column}"] if place[0] in ZONES else []


def _query(text: str) -> exp.Query:
    """A file's SELECT, its parameters taken as null: a parameter is a rule, not a column."""
    query = parse_one(text, dialect=DIALECT)
    assert isinstance(query, exp.Query)
    for parameter in list(query.find_all(exp.Parameter, exp.Placeholder)):
        parameter.replace(exp.Null())
    return query


def _schema(lake: Lake, contracts: DataContracts) -> dict[str, Any]:
    found: dict[str, dict[str, Iterable[str]]] = {
        zone: {path.stem: pq.read_schema(path).names for path in lake.zone(zone).glob("*.parquet")} for zone in ZONES
    }
    found["current"] = {f"{one.agency}_{one.table}": (*one.column_names, *TRACE) for one in contracts.all()}
    found["code_sets"] = {path.stem: _header(path) for path in CODE_SETS.glob("*.csv")}
    return {schema: {name: _as_text(names) for name, names in tables.items()} for schema, tables in found.items()}


def _as_text(names: Iterable[str]) -> dict[str, str]:
    return dict.fromkeys(names, "TEXT")


def _header(path: Path) -> list[str]:
    with path.open(newline="", encoding="utf-8") as file:
        return next(csv.reader(file))


def as_document(found: Mapping[str, Columns]) -> dict[str, Columns]:
    """What `walked.yaml` holds, in one order."""
    return {table: {name: found[table][name] for name in sorted(found[table])} for table in sorted(found)}
