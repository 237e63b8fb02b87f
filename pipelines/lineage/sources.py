"""Look up where a table's columns come from: walked off the files, stated, or by the contracts' linkage roles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pipelines.errors import ContractError
from schemas.data_contract import DataContracts
from schemas.yaml_documents import read_yaml

WALKED = Path(__file__).with_name("walked.yaml")
STATED = Path(__file__).with_name("stated.yaml")

ROLES: Mapping[str, tuple[str, ...]] = {
    "agency": (),
    "client_key": ("client_id",),
    "client_id": ("client_id",),
    "client_ids": ("client_id",),
    "sex_code": ("sex",),
    "birth_on": ("birth_date",),
    "deceased_on": ("death_date",),
    "birth_code": ("birth_date",),
    "birth_year": ("birth_date",),
    "birth_month": ("birth_date",),
    "birth_day": ("birth_date",),
    "itin": ("ssn",),
    "address": ("address_line",),
    "house_number": ("address_line",),
    "unit": ("address_line",),
    "zip5": ("zip_code",),
    "shared_ids": ("shared_id", "client_id"),
    "shared_id_kinds": ("shared_id", "client_id"),
    "merged_into_client_key": ("merged_into_client_id", "client_id"),
}
"""Column of clients or identities → linkage roles that it is made of, where they are not of one name."""

LINKED_ZONES = ("standard/clients", "standard/identities")

IDENTIFYING = (
    "first_name", "middle_name", "last_name", "full_name", "birth_date", "ssn", "ssn_last4", "sex", "phone",
    "address_line", "client_id",
)  # fmt: skip
"""What a column is made of that no single role names, such as whether a client can be linked."""


@dataclass(frozen=True)
class Source:
    """A column of another table."""

    table: str
    """`zone/table`."""
    column: str


def column_sources(table: str, columns: Iterable[str], contracts: DataContracts) -> dict[str, tuple[Source, ...]]:
    """Column → the columns that it comes from; empty where it comes from none, such as a count of rows.

    Args:
        table: `zone/table`.
        columns: of the table.
        contracts: the county's, for what agencies send.

    Raises:
        ContractError: nobody said where the table comes from.
    """
    zone, _, name = table.partition("/")
    if zone in ("raw", "validated"):
        above = f"deliveries/{name}" if zone == "raw" else f"raw/{name}"
        return {column: (Source(above, column),) for column in columns}
    if table in LINKED_ZONES:
        return {column: _by_role(column, contracts) for column in columns}
    if table in _document(WALKED):
        walked = _document(WALKED)[table]
        return {column: tuple(map(_source, walked.get(column, ()))) for column in columns}
    stated = _document(STATED).get(table)
    if stated is None:
        raise ContractError(
            f"no lineage of {table} is known; state it in pipelines/lineage/{STATED.name}, or, if one .sql file makes "
            f"it, add `{table}: {{}}` to {WALKED.name} and run UPDATE_GOLDEN=1 pytest tests/unit/test_lineage.py"
        )
    return {column: _by_statement(column, stated) for column in columns}


@cache
def _document(path: Path) -> dict[str, Any]:
    document: dict[str, Any] = read_yaml(path.read_text(encoding="utf-8"))
    return document


def _source(text: str) -> Source:
    table, _, column = text.rpartition(".")
    return Source(table, column)


def _by_role(column: str, contracts: DataContracts) -> tuple[Source, ...]:
    """Every delivered column with the linkage role that this one is made of."""
    of_name = ("race", "ethnicity") if column.startswith("race") else (column,)
    roles = ROLES.get(column, of_name)
    found = _with_roles(contracts, roles)
    return found or (() if column in ROLES else _with_roles(contracts, IDENTIFYING))


def _with_roles(contracts: DataContracts, roles: Iterable[str]) -> tuple[Source, ...]:
    return tuple(
        Source(f"validated/{one.agency}_{one.table}", column.name)
        for one in contracts.all()
        for column in one.columns
        if (column.linkage_role or "").partition("_flag:")[0].partition(":")[0] in roles
    )


def _by_statement(column: str, stated: Mapping[str, Any]) -> tuple[Source, ...]:
    for table, names in stated.get("carried", {}).items():
        if column in names:
            return (Source(table, column),)
    if column in stated.get("renamed", {}):
        return (_source(stated["renamed"][column]),)
    return tuple(Source(table, name) for table, names in stated["derived"].items() for name in names)
