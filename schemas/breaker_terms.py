"""When a delivery differs so much from the ones before it that somebody must look: a table's circuit breakers.

In a contract: `breakers: {rowCount: {fall, rise, over, atLeast}, segments: [{column, fall}], months: {column, fall},
nullRate: {rise}, codes: {psi}}`. What is left out has its default (`breaker_defaults.yaml`, each with its reason);
`false` switches a breaker off. The share of bad rows needs no baseline and is a term of its own (`maxBadRowShare`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

import yaml

from pipelines.errors import ContractError
from schemas.contract_fields import Fields

if TYPE_CHECKING:
    from schemas.data_contract import DataContract, DataContracts

KEYS = {"rowCount", "segments", "months", "nullRate", "codes"}


@dataclass(frozen=True)
class RowCountBreaker:
    """Trips when a table has fewer rows than `1 - fall`, or more than `1 + rise`, times the usual number."""

    fall: float
    rise: float


@dataclass(frozen=True)
class SegmentBreaker:
    """Trips when one value of a column, such as a provider, loses more than this share of its usual rows."""

    column: str
    fall: float


@dataclass(frozen=True)
class MonthBreaker:
    """Trips when one month of a date column loses more than this share of its usual rows; for whole tables only."""

    column: str
    fall: float


@dataclass(frozen=True)
class Breakers:
    """Every circuit breaker of a table; None and empty mean switched off."""

    row_count: RowCountBreaker | None
    over: int
    """So many accepted deliveries before this one are what is usual."""
    at_least: int
    """With fewer of them nothing is usual yet, and no breaker of the table acts."""
    segments: tuple[SegmentBreaker, ...] = ()
    months: MonthBreaker | None = None
    null_rate_rise: float | None = None
    """How many points the share of empty values of a column may rise."""
    codes_psi: float | None = None
    """How far the distribution of a column's codes may shift, as population stability index."""


@dataclass(frozen=True)
class LeastRows:
    """Below so many usual rows nothing is compared, since chance alone would trip the breaker."""

    row_count: int
    segment: int
    month: int
    column: int


@cache
def defaults() -> Mapping[str, Any]:
    """The limits where a contract says nothing, each with its reason."""
    text = resources.files("schemas").joinpath("breaker_defaults.yaml").read_text(encoding="utf-8")
    stated: Mapping[str, Any] = yaml.safe_load(text)
    return stated


@cache
def least_rows() -> LeastRows:
    """From how many rows on a breaker compares."""
    stated = defaults()["least_rows"]
    return LeastRows(**{name: stated[name] for name in ("row_count", "segment", "month", "column")})


def read(rules: Fields) -> Breakers:
    """The breakers that a table's `customProperties` state, with their defaults.

    Raises:
        ContractError: a key is unknown or a limit malformed; file, field and mend.
    """
    place = f"{rules.place}breakers."
    stated = Fields(rules.file, place, _mapping(rules, "breakers"))
    stated.only(KEYS)
    usual = defaults()["row_count"]["delta" if rules.get("semantics") == "delta" else "full"]
    counted = _part(stated, "rowCount", {"fall", "rise", "over", "atLeast"})
    window = counted or Fields(rules.file, place, {})  # other breakers act when this one is switched off
    over, at_least = _whole(window, "over", usual["over"]), _whole(window, "atLeast", usual["at_least"])
    if not 1 <= at_least <= over:
        stated.refuse("rowCount", "needs 1 <= atLeast <= over: so many deliveries, of the last so many")
    nulls, codes = _part(stated, "nullRate", {"rise"}), _part(stated, "codes", {"psi"})
    return Breakers(
        row_count=_row_count(counted, usual) if counted else None,
        over=over,
        at_least=at_least,
        segments=tuple(_segment(stated, item) for item in stated.get("segments") or []),
        months=_months(stated),
        null_rate_rise=_share(nulls, "rise", defaults()["null_rate"]["rise"]) if nulls else None,
        codes_psi=_size(codes, "psi", defaults()["codes"]["psi"]) if codes else None,
    )


def check(contract: DataContract, contracts: DataContracts) -> None:
    """Raise ContractError where a breaker names a column that is not there or cannot be counted by."""
    del contracts  # breakers look at one table
    for segment in contract.breakers.segments:
        column = _column(contract, segment.column)
        if column.kind not in ("text", "integer"):
            _refuse(contract, f"counts {segment.column}, which is neither text nor an integer")
        if column.classification not in ("none", "sensitive") or column.linkage_role:
            _refuse(contract, f"counts {segment.column}, which tells who a person is; count a provider or a code")
    months = contract.breakers.months
    if months and _column(contract, months.column).kind not in ("date", "timestamp"):
        _refuse(contract, f"counts months of {months.column}, which is neither a date nor a timestamp")
    if months and contract.semantics != "full":
        _refuse(
            contract, "counts months, and not every delivery holds the same ones; only full tables can be compared so"
        )


def _mapping(owner: Fields, name: str) -> Mapping[str, Any]:
    value = owner.get(name, {})
    if not isinstance(value, dict):
        owner.refuse(name, "must be a mapping; see incoming/README.md")
    return value


def _part(stated: Fields, name: str, known: set[str]) -> Fields | None:
    if stated.get(name) is False:
        return None
    part = Fields(stated.file, f"{stated.place}{name}.", _mapping(stated, name))
    part.only(known)
    return part


def _row_count(part: Fields, usual: Mapping[str, float]) -> RowCountBreaker:
    return RowCountBreaker(_share(part, "fall", usual["fall"]), _size(part, "rise", usual["rise"]))


def _segment(stated: Fields, item: Any) -> SegmentBreaker:
    if not isinstance(item, dict):
        stated.refuse("segments", "must be a list of {column, fall}")
    part = Fields(stated.file, f"{stated.place}segments.", item)
    part.only({"column", "fall"})
    return SegmentBreaker(str(part.need("column")), _share(part, "fall", defaults()["segments"]["fall"]))


def _months(stated: Fields) -> MonthBreaker | None:
    if not stated.get("months"):
        return None
    part = Fields(stated.file, f"{stated.place}months.", _mapping(stated, "months"))
    part.only({"column", "fall"})
    return MonthBreaker(str(part.need("column")), _share(part, "fall", defaults()["months"]["fall"]))


def _share(part: Fields, name: str, default: float) -> float:
    value = _size(part, name, default)
    if value > 1:
        part.refuse(name, "must be a share above 0 and at most 1")
    return value


def _size(part: Fields, name: str, default: float) -> float:
    value = part.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
        part.refuse(name, "must be a number above 0")
    return float(value)


def _whole(part: Fields, name: str, default: int) -> int:
    value = part.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int):
        part.refuse(name, "must be a whole number of deliveries")
    return int(value)


def _column(contract: DataContract, name: str) -> Any:
    if name not in contract.column_names:
        _refuse(contract, f"names {name}, which is no column of this table")
    return contract.column(name)


def _refuse(contract: DataContract, mend: str) -> None:
    raise ContractError(f"{contract.agency}/{contract.path.name}: breakers {mend}")
