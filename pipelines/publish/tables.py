"""The tables of a release, as Arrow, in their published order.

Belongs here: which query makes which table, person ids traded for person keys, disclosure control applied. Does not
belong here: writing, and what a column means (the published contracts say it).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import duckdb
import pyarrow as pa

from pipelines import sql
from pipelines.consent import open_choices, people_out
from pipelines.lake import Lake
from pipelines.publish.disclosure import (
    MEASURE_RESULTS,
    Shape,
    Sum,
    is_small,
    sums_of_results,
    withhold,
)
from pipelines.publish.person_keys import KeyRing
from pipelines.publish.published_contracts import PublishedTable
from pipelines.publish.sources import Sources

PACKAGE = "pipelines.publish"

OLDEST_AGE = 90
"""From this age on all birth years are one. Source: 45 CFR 164.514(b)(2)(i)(C), ages over 89 in a single category."""

INPUTS = (
    ("standard", "clients"),
    ("standard", "data_through"),
    ("standard", "providers"),
    ("person_index", "person_of_client"),
    ("person_index", "linkage_by_group"),
    ("person_index", "linkage_figures"),
    ("outcomes", "person_measures"),
    ("outcomes", "measure_results"),
    ("outcomes", "measure_definitions"),
    ("contracts", "statement_lines"),
)
"""Everything that a release is drawn from, besides the receipts."""

PARAMETERS: Mapping[str, tuple[str, ...]] = {"persons": ("as_of", "oldest_age"), "data_through": ("as_of",)}
"""Which queries take which parameters; DuckDB refuses a parameter that a query does not use."""

STATEMENTS = Shape(
    counts=("persons",),
    denominator="persons",
    numerator="persons",
    derived=(),
    with_row=("lines", "quantity", "amount_usd"),
)
"""A statement resting on few persons is withheld with its quantity and its dollars."""

GROUPS = Shape(
    counts=("clients", "linked_clients", "unlinked_clients"),
    denominator="clients",
    numerator="linked_clients",
    together=("linked_clients", "unlinked_clients"),
    derived=(
        "mean_confidence",
        "doubtful_share",
        "precision_source",
        "recall_source",
        "labelled_pairs",
        "labels_set_aside_share",
        *(
            f"{name}{end}"
            for name in ("linked", "expected_precision", "expected_recall", "labelled_precision", "labelled_recall")
            for end in ("", "_lower", "_upper")
        ),
    ),
)
"""The shape of `linkage_by_group`: a group of few, or with few linked or few not, says nothing beside its size."""

FIGURES = Shape(counts=("value",), denominator="value", numerator="value", derived=())
"""The shape of `linkage_figures`."""

WORKING: Mapping[str, tuple[str, ...]] = {"linkage_by_group": ("linked_clients", "unlinked_clients")}
"""Counts that disclosure control looks at and that do not leave, by table."""

SQL_TYPES = {"utf8": "varchar", "int64": "bigint", "double": "double", "boolean": "boolean", "date32": "date"}
"""What DuckDB calls the physical types of the published contracts."""

LINKAGE_COUNTS = ("clients", "unlinkable_clients", "persons", "persons_in_both")

Rows = list[dict[str, Any]]


def release_tables(
    lake: Lake, contracts: Mapping[str, PublishedTable], keys: KeyRing, as_of: date, sources: Sources
) -> dict[str, pa.Table]:
    """Every published table by name, disclosure controlled, with the types and the order of its contract."""
    with sql.connect(lake.spill) as connection:
        sql.open_views(connection, lake, INPUTS)
        connection.execute("create schema publish")
        open_choices(connection, lake, as_of)
        people_out(connection).create("publish.people_out")
        _open_person_keys(connection, keys)
        _open_rows(connection, "stale_agencies", {"agency": list(sources.stale_agencies)})
        _open_rows(connection, "delivery_rows", sources.delivery_columns())
        values = {"as_of": as_of, "oldest_age": OLDEST_AGE}
        return {name: _table(connection, contract, values) for name, contract in contracts.items()}


def _open_person_keys(connection: duckdb.DuckDBPyConnection, keys: KeyRing) -> None:
    """Make publish.person_keys; who is out has none, and so stands in no row under a key."""
    ids = connection.sql(
        "select distinct person_id from person_index.person_of_client "
        "anti join publish.people_out using (person_id) order by person_id"
    ).to_arrow_table()
    person_ids = ids.column("person_id").to_pylist()
    named = keys.person_keys(person_ids)
    _open_rows(connection, "person_keys", {"person_id": person_ids, "person_key": [named[one] for one in person_ids]})


def _open_rows(connection: duckdb.DuckDBPyConnection, name: str, columns: Mapping[str, Sequence[Any]]) -> None:
    types = {"person_id": pa.int64(), "agency": pa.string()}
    rows = pa.table({key: pa.array(values, type=types.get(key)) for key, values in columns.items()})
    connection.register("rows_to_open", rows)
    connection.execute(f"create table publish.{name} as from rows_to_open")
    connection.unregister("rows_to_open")


def _table(connection: duckdb.DuckDBPyConnection, contract: PublishedTable, values: Mapping[str, Any]) -> pa.Table:
    params = {name: values[name] for name in PARAMETERS.get(contract.name, ())}
    query = sql.text(PACKAGE, contract.name)
    rows = _ordered(connection, contract, query, params)
    control = CONTROLS.get(contract.name)
    if control is not None:
        rows = pa.Table.from_pylist(control(rows.to_pylist()), rows.schema)
    rows = rows.select(contract.arrow_schema.names)
    return pa.Table.from_arrays(rows.cast(_loose(contract)).combine_chunks().columns, schema=contract.arrow_schema)


def _ordered(
    connection: duckdb.DuckDBPyConnection, contract: PublishedTable, query: str, params: Mapping[str, Any]
) -> pa.Table:
    """The rows of a query with the contract's columns, types and order."""
    columns = ", ".join(
        f'"{column.name}"::{SQL_TYPES[column.physical_type]} as "{column.name}"' for column in contract.columns
    )
    columns += "".join(f", {name}::bigint as {name}" for name in WORKING.get(contract.name, ()))
    names = [column.name for column in contract.columns]
    order = ", ".join(
        f'"{name}"' for name in [*contract.sorted_by, *(one for one in names if one not in contract.sorted_by)]
    )
    return connection.sql(f"select {columns} from ({query}) order by {order}", params=dict(params)).to_arrow_table()


def _loose(contract: PublishedTable) -> pa.Schema:
    return pa.schema([field.with_nullable(True) for field in contract.arrow_schema])


def _control_results(rows: Rows) -> Rows:
    return withhold(rows, MEASURE_RESULTS, sums_of_results(rows))


def _control_statements(rows: Rows) -> Rows:
    return withhold(rows, STATEMENTS, _sums_of_statements(rows))


def _sums_of_statements(rows: Rows) -> list[Sum]:
    totals = {_clause(row): at for at, row in enumerate(rows) if row["period"] is None}
    parts: dict[tuple[Any, ...], list[int]] = {clause: [] for clause in totals}
    for at, row in enumerate(rows):
        if row["period"] is not None:
            parts[_clause(row)].append(at)
    return [Sum(total, tuple(parts[clause])) for clause, total in totals.items()]


def _clause(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return row["contract_id"], row["clause_id"], row["unit"]


def _control_groups(rows: Rows) -> Rows:
    """Small groups withheld; a pair of agencies too where one of the two is, for their clients add up to the pair's."""
    controlled = withhold(rows, GROUPS, _sums_of_groups(rows))
    gone = {row["cut_value"] for row in controlled if row["cut_code"] == "agency" and row["clients"] is None}
    return [_without_counts(row) if gone & set(_agencies_of(row)) else row for row in controlled]


def _sums_of_groups(rows: Rows) -> list[Sum]:
    """The groups of every cut add up to all clients; pairs of agencies overlap and do not."""
    (total,) = (at for at, row in enumerate(rows) if row["cut_code"] == "all")
    parts: dict[str, list[int]] = {}
    for at, row in enumerate(rows):
        if row["cut_code"] not in ("all", "agency_pair"):
            parts.setdefault(row["cut_code"], []).append(at)
    return [Sum(total, tuple(one)) for one in parts.values()]


def _agencies_of(row: Mapping[str, Any]) -> list[str]:
    return str(row["cut_value"]).split("+") if row["cut_code"] == "agency_pair" else []


def _without_counts(row: Mapping[str, Any]) -> dict[str, Any]:
    gone = {*GROUPS.counts, *GROUPS.derived}
    return {**{name: None if name in gone else value for name, value in row.items()}, "suppressed": True}


def _control_figures(rows: Rows) -> Rows:
    totals = {row["figure_code"]: at for at, row in enumerate(rows) if row["part_code"] == "all"}
    parts: dict[str, list[int]] = {figure: [] for figure in totals}
    for at, row in enumerate(rows):
        if row["part_code"] != "all":
            parts[row["figure_code"]].append(at)
    return withhold(rows, FIGURES, [Sum(total, tuple(parts[figure])) for figure, total in totals.items()])


def _control_linkage(rows: Rows) -> Rows:
    return [_without_small(row, LINKAGE_COUNTS) for row in rows]


def _without_small(row: Mapping[str, Any], counts: Iterable[str]) -> dict[str, Any]:
    small = {name for name in counts if is_small(row[name])}
    return {**{name: None if name in small else value for name, value in row.items()}, "suppressed": bool(small)}


CONTROLS: Mapping[str, Callable[[Rows], Rows]] = {
    "measure_results": _control_results,
    "contract_statements": _control_statements,
    "linkage_quality": _control_linkage,
    "linkage_by_group": _control_groups,
    "linkage_figures": _control_figures,
}
"""How each aggregate table is disclosure controlled; the other aggregates count no people."""
