"""What of an agency's data one delivery speaks of: the terms of a data contract that say what a delivery replaces.

Belongs here: the terms, and how they are read from a contract; what makes them ill-formed is in `coverage_checks.py`.
Which row of which delivery is in force is worked out from them in `pipelines/standardise/current.py`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from schemas.contract_fields import Fields

if TYPE_CHECKING:
    from schemas.data_contract import DataContract

SEMANTICS = ("full", "delta", "period")
MONTHS = {"month": 1, "quarter": 3, "year": 12}
UNITS = ("day", *MONTHS)
OUTSIDE_PERIOD = "outside_period"
"""The rule that a row of another period than its delivery's breaks."""

NUMBER = re.compile(r"\bx\b")
"""In an accepted version, `x` stands for any number: `2026 v1.x`."""


@dataclass(frozen=True)
class SemanticsBy:
    """Columns of a header table by which a delivery itself says what it is.

    It is a full one only if every column says so. A code that is not listed says nothing, and holds the delivery.
    """

    table: str
    columns: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Period:
    """A delivery speaks of the unit that holds its as-of date; `column` is the date by which a row lies in a unit."""

    unit: str
    column: str | None = None


@dataclass(frozen=True)
class Window:
    """The days of which a delivery speaks, as its header table says; both ends belong to it."""

    table: str
    start: str
    end: str


@dataclass(frozen=True)
class Scope:
    """By which unit (a project, a clinic) a full delivery is whole; just one of the first four is given.

    `column`: the row's own unit; the delivery is whole for the units that `listed_in` lists. `parent`: the unit of the
    row of that table which the row points at. `children`: a row stays while a row in force of these tables points at
    it. `each_delivery`: rows describe the delivery they came with, and stay beside it.
    """

    column: str | None = None
    parent: str | None = None
    children: tuple[str, ...] = ()
    each_delivery: bool = False
    listed_in: str = ""
    active_from: str | None = None
    """First day of a row, for deliveries that tell of a window only."""
    active_to: tuple[str, str] | None = None
    """Table and column of a row's last day; the table is its own, or one that points at it."""


@dataclass(frozen=True)
class VersionBy:
    """The column by which a delivery says in which version of the format it is."""

    table: str
    column: str
    accepts: tuple[str, ...]
    convert: Mapping[str, str]
    """Older versions that are still taken, and the conversion (`data_contracts/conversions`) that reads each."""

    def accepts_as_it_is(self, version: str) -> bool:
        """Whether rows of this version are those of the contract."""
        return any(_matches(pattern, version) for pattern in self.accepts)

    def conversion_of(self, version: str) -> str | None:
        """The conversion that reads rows of this version, if there is one."""
        return next((name for pattern, name in self.convert.items() if _matches(pattern, version)), None)

    @property
    def accepted(self) -> str:
        """Every version that is taken, in words."""
        return ", ".join((*self.accepts, *self.convert))


@dataclass(frozen=True)
class RefusedWhen:
    """Rows that must not have been sent, and with them every row that points at them, however far."""

    column: str
    values: tuple[str, ...]
    rule_id: str
    mend: str


@dataclass(frozen=True)
class Coverage:
    """What a delivery of a table speaks of, and so what it replaces."""

    semantics: str
    semantics_by: SemanticsBy | None = None
    period: Period | None = None
    window: Window | None = None
    scope: Scope | None = None
    version_by: VersionBy | None = None
    refused_when: RefusedWhen | None = None


def read(fields: Fields, table: str, contract_version: str) -> Coverage:
    """The terms of one table; raises ContractError with file, field and mend."""
    return Coverage(
        semantics=str(fields.need("semantics")),
        semantics_by=_semantics_by(_inner(fields, "semanticsBy", {"table", "columns"})),
        period=_period(_inner(fields, "period", {"column", "unit"})),
        window=_window(_inner(fields, "window", {"table", "from", "to"})),
        scope=_scope(
            _inner(fields, "scope", {"column", "parent", "children", "each", "listedIn", "activeFrom", "activeTo"}),
            table,
        ),
        version_by=_version_by(
            _inner(fields, "versionBy", {"table", "column", "accepts", "convert"}), contract_version
        ),
        refused_when=_refused_when(_inner(fields, "refusedWhen", {"column", "values", "rule", "mend"})),
    )


def _inner(fields: Fields, name: str, known: set[str]) -> Fields | None:
    value = fields.get(name)
    if value is None:
        return None
    if not isinstance(value, dict):
        fields.refuse(name, f"must map {', '.join(sorted(known))}; see data_contracts/incoming/README.md")
    inner = Fields(fields.file, f"{fields.place}{name}.", value)
    inner.only(known)
    return inner


def _semantics_by(given: Fields | None) -> SemanticsBy | None:
    if given is None:
        return None
    columns = _mapping(given, "columns")
    for column, codes in columns.items():
        if not isinstance(codes, dict) or not set(codes.values()) <= {"full", "delta"}:
            given.refuse(f"columns.{column}", "must map each code, in quotes, to full or delta")
    return SemanticsBy(
        str(given.need("table")),
        {column: {str(code): meaning for code, meaning in codes.items()} for column, codes in columns.items()},
    )


def _period(given: Fields | None) -> Period | None:
    return None if given is None else Period(str(given.need("unit")), given.get("column"))


def _window(given: Fields | None) -> Window | None:
    if given is None:
        return None
    return Window(str(given.need("table")), str(given.need("from")), str(given.need("to")))


def _scope(given: Fields | None, table: str) -> Scope | None:
    if given is None:
        return None
    if given.get("each", "delivery") != "delivery":
        given.refuse("each", "can only be delivery")
    last = given.get("activeTo")
    return Scope(
        column=given.get("column"),
        parent=given.get("parent"),
        children=given.texts("children"),
        each_delivery="each" in given.values,
        listed_in=str(given.get("listedIn", table)),
        active_from=given.get("activeFrom"),
        active_to=None if last is None else _place(str(last), table),
    )


def _place(name: str, table: str) -> tuple[str, str]:
    other, dot, column = name.partition(".")
    return (other, column) if dot else (table, name)


def _version_by(given: Fields | None, contract_version: str) -> VersionBy | None:
    if given is None:
        return None
    major = contract_version.partition(".")[0]
    convert = _mapping(given, "convert") if "convert" in given.values else {}
    return VersionBy(
        table=str(given.need("table")),
        column=str(given.need("column")),
        accepts=given.texts("accepts", (major, f"{major}.x", f"{major}.x.x")),
        convert={str(version): str(name) for version, name in convert.items()},
    )


def _refused_when(given: Fields | None) -> RefusedWhen | None:
    if given is None:
        return None
    rule, mend = str(given.need("rule")), str(given.need("mend"))
    return RefusedWhen(str(given.need("column")), given.texts("values"), rule, mend)


def _mapping(given: Fields, name: str) -> dict[str, Any]:
    value = given.need(name)
    if not isinstance(value, dict) or not value:
        given.refuse(name, "must be a mapping with an entry or more; see data_contracts/incoming/README.md")
    return value


def _matches(pattern: str, version: str) -> bool:
    parts = (re.escape(part) for part in NUMBER.split(pattern))
    return re.fullmatch("[0-9]{1,9}".join(parts), version) is not None


def period_bounds(day: date, unit: str) -> tuple[date, date]:
    """First day of the unit that holds a day, and first day after it."""
    if unit == "day":
        return day, day + timedelta(days=1)
    months = MONTHS[unit]
    first = date(day.year, (day.month - 1) // months * months + 1, 1)
    after = first.year * 12 + first.month - 1 + months
    return first, date(after // 12, after % 12 + 1, 1)


def reference_to(contract: DataContract, table: str) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """The columns with which a table points at another, and those they point at."""
    found = (one for one in contract.references if one.table == table)
    return next(((one.columns, one.to_columns) for one in found), None)


def listing_column(contract: DataContract, listed_in: str) -> str | None:
    """The column of the listing table that holds the units of a table's scope."""
    scope = contract.coverage.scope
    if scope is None or scope.column is None:
        return None
    if listed_in == contract.table:
        return scope.column
    found = (
        one.to_columns[0] for one in contract.references if (one.table, one.columns) == (listed_in, (scope.column,))
    )
    return next(found, None)
