"""How numbers are said to readers: few digits, units in words, withheld cells named as such."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

WITHHELD = "withheld"
"""Stands where disclosure control took a cell out."""

NOTHING = "–"
"""Stands where there is no number to show."""

PROPORTION = "proportion"
"""Kind of measure that is shown as per cent."""

COUNT = "count"
"""Kind of measure that is shown whole."""


def estimate(row: Mapping[str, Any]) -> str:
    """The estimate of a row: `87 %`, `12.3`, `withheld`, or a dash."""
    return _number(row, "estimate")


def interval(row: Mapping[str, Any]) -> str:
    """The 95 % interval of a row: `81 % to 91 %`."""
    if row["lower"] is None or row["upper"] is None:
        return NOTHING
    return f"{_number(row, 'lower')} to {_number(row, 'upper')}"


def interval_total(row: Mapping[str, Any]) -> str:
    """The interval of a row with link error in it; a dash in a release that was made before it was reckoned."""
    if row.get("lower_total") is None or row.get("upper_total") is None:
        return NOTHING
    return f"{_number(row, 'lower_total')} to {_number(row, 'upper_total')}"


def _number(row: Mapping[str, Any], column: str) -> str:
    value = row[column]
    if value is None:
        return WITHHELD if row["suppressed"] else NOTHING
    if row["kind"] == PROPORTION:
        return f"{value:.1%}".replace("%", " %")
    return f"{value:,.0f}" if row["kind"] == COUNT else f"{value:,.1f}"


def count(value: float | None, suppressed: bool = False) -> str:
    """A count with thousands separated."""
    if value is None:
        return WITHHELD if suppressed else NOTHING
    return f"{value:,.0f}"


def share(value: float | None, suppressed: bool = False) -> str:
    """A share as per cent."""
    if value is None:
        return WITHHELD if suppressed else NOTHING
    return f"{value:.1%}".replace("%", " %")


def usd(value: Decimal | float | None, suppressed: bool = False) -> str:
    """US dollars, whole."""
    return f"$ {value:,.0f}" if value is not None else (WITHHELD if suppressed else NOTHING)


def dollars(value: Decimal | float | None) -> str:
    """US dollars to the cent."""
    return NOTHING if value is None else f"${value:,.2f}"


def number(value: Decimal | float | None) -> str:
    """Three digits that tell something: 0.123, 12.3, 1,234."""
    if value is None:
        return NOTHING
    size = abs(float(value))
    return (
        f"{value:,.0f}" if size >= 100 else f"{value:,.1f}" if size >= 10 else f"{value:,.3f}".rstrip("0").rstrip(".")
    )
