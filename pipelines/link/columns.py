"""Which column of a flat table says what: by the usual names, or by a roles file, and in what form it says it.

Belongs here: choosing, and refusing what cannot be meant. Nothing here reads a row; errors name columns, never values.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from pipelines import sql
from pipelines.errors import TableError
from pipelines.places import rules_file
from schemas.yaml_documents import read_nodes, read_yaml

NO_ROLE = "none"
"""What a roles file says of a column that is to take no part."""

NEEDED = ("agency", "client_id")
"""Which record it is, rather than who."""

ONE_SOURCE = "table"
"""The source of every record of a table that has no column for it."""

WHOLE_NUMBERS = {"DOUBLE", "FLOAT"}
"""Types in which spreadsheets and data frames keep numbers that have gaps: 90012.0 is 90012."""

NESTED = ("STRUCT", "MAP", "UNION", "BLOB")
"""Types that are no text, number or day; lists end in brackets."""

PADDED = {"ssn": (8, 9), "ssn_last4": (1, 4), "zip_code": (3, 5)}
"""Role → (least, full) digits: a number in a column of numbers has lost the zeros that it began with. Shorter ones are
last fours, or another registry's numbers, and stay as they are."""


@dataclass(frozen=True)
class Column:
    """A column of the table, by its name and DuckDB type."""

    name: str
    type_name: str

    @property
    def quoted(self) -> str:
        """The name in SQL."""
        return '"' + self.name.replace('"', '""') + '"'

    def as_text(self, role: str) -> str:
        """SQL for what a cell says, as text; null if it says nothing. Ids stay as they are written."""
        if role in NEEDED:
            return f"nullif({self._written()}, '')"
        nothing = ", ".join(sql.literal(word) for word in _rules()["nothing"])
        text = f"trim({self._written()})"
        text = f"case when {text} not in ({nothing}) then {text} end"
        if role in PADDED and self._is_number:
            least, full = PADDED[role]
            return f"case when length({text}) between {least} and {full} then lpad({text}, {full}, '0') else {text} end"
        return text

    @property
    def _is_number(self) -> bool:
        return self.type_name in WHOLE_NUMBERS or "INT" in self.type_name or self.type_name.startswith("DECIMAL")

    def _written(self) -> str:
        if self.type_name in WHOLE_NUMBERS:
            return f"case when isfinite({self.quoted}) then try_cast({self.quoted} as hugeint)::varchar end"
        return f"{self.quoted}::varchar"


@cache
def _rules() -> Mapping[str, Any]:
    rules: Mapping[str, Any] = read_yaml(rules_file("table_columns.yaml").read_text(encoding="utf-8"))
    return rules


def usual_names() -> Mapping[str, Sequence[str]]:
    """Role → names under which columns are known, the likeliest first."""
    names: Mapping[str, Sequence[str]] = _rules()["roles"]
    return names


def most_unread_dates() -> float:
    """The share of given birth dates beyond which a column is refused as written in an unknown form."""
    return float(_rules()["unread_dates"]["value"])


def columns_by_role(table: str, present: Sequence[Column], roles: Path | None = None) -> dict[str, Column]:
    """Role → the column of a table that has it.

    Raises:
        TableError: the roles file cannot be meant so, or nothing says which record it is, or who.
    """
    stated = {} if roles is None else dict(_stated(roles, table, present))
    chosen = {role: column for column, role in stated.items() if role != NO_ROLE}
    free = {column.name.lower(): column for column in present if column not in stated}
    for role, names in usual_names().items():
        found = next((free[name] for name in names if name in free), None)
        if found is not None and role not in chosen:
            chosen[role] = found
    _refuse_unusable(table, present, chosen)
    return chosen


def _refuse_unusable(table: str, present: Sequence[Column], chosen: Mapping[str, Column]) -> None:
    there = f"its columns are {', '.join(column.name for column in present)}"
    if "client_id" not in chosen:
        raise TableError(
            f"{table}: no column has the role client_id, which tells records apart; name it source_record_id, or say "
            f"in --roles which it is; {there}"
        )
    if not set(chosen) - set(NEEDED):
        raise TableError(f"{table}: no column says who a person is; say in --roles what each holds; {there}")
    for role, column in chosen.items():
        if column.type_name.startswith(NESTED) or column.type_name.endswith("]"):
            raise TableError(
                f"{table}: column {column.name} ({role}) is of type {column.type_name.split('(')[0]}; give it as text"
            )


def _stated(roles: Path, table: str, present: Sequence[Column]) -> Iterator[tuple[Column, str]]:
    """The columns and roles of a roles file, each once."""
    by_name, taken = {column.name.lower(): column for column in present}, dict[str, str]()
    for line, name, role in _entries(roles):
        place = f"{roles.name}:{line}: {name}"
        column = by_name.pop(name.lower(), None)
        if column is None:
            there = ", ".join(one.name for one in by_name.values()) or "none beside those above"
            raise TableError(f"{place}: {table} has no such column, or it stands above already; there are {there}")
        if role not in (*usual_names(), NO_ROLE):
            raise TableError(f"{place}: {role!r} is no role; write one of {', '.join([*usual_names(), NO_ROLE])}")
        if role in taken:
            raise TableError(f"{place}: the role {role} is given to {taken[role]} already; leave it to one of them")
        if role != NO_ROLE:
            taken[role] = name
        yield column, role


def _entries(roles: Path) -> Iterator[tuple[int, str, str]]:
    """Line, column and role of each entry; a role left empty is none."""
    try:
        root = read_nodes(roles.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        raise TableError(f"{roles.name}{line}: is not YAML; write lines of COLUMN: role") from None
    if root is None:
        return
    if not isinstance(root, yaml.MappingNode):
        raise TableError(f"{roles.name}:1: is no mapping; write lines of COLUMN: role")
    for key, value in root.value:
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode) or not isinstance(value, yaml.ScalarNode):
            raise TableError(f"{roles.name}:{line}: a line is COLUMN: role, both single words")
        is_empty = value.tag == "tag:yaml.org,2002:null"
        yield line, str(key.value), NO_ROLE if is_empty else str(value.value)
