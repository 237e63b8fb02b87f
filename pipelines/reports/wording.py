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


AGENCIES = {
    "fhsp": "Flexible Housing Subsidy Pool",
    "health": "Health Services",
    "hmis": "HMIS (homeless services)",
    "mental_health": "Mental Health",
    "sheriff": "Sheriff",
}
"""Shipped agencies as readers know them. Another is told by its code, with spaces: a fifth agency needs no code."""


def agency(code: str) -> str:
    """An agency's name; two joined by a plus sign are two agencies."""
    return " + ".join(AGENCIES.get(one, one.replace("_", " ")) for one in code.split(" + "))


FUNDING_STREAMS = {
    "bhsa": "Behavioral Health Services Act (BHSA)",
    "federal_hud": "federal, HUD",
    "medi_cal": "Medi-Cal",
    "medi_cal_calaim": "Medi-Cal, CalAIM",
    "medi_cal_wpc": "Medi-Cal, Whole Person Care",
    "mhsa": "Mental Health Services Act (MHSA)",
    "mhsa_bhsa": "Mental Health (MHSA) and Behavioral Health Services Act (BHSA)",
}
"""Funding streams whose codes are abbreviations. Another is told by its code, with spaces."""


def funding_stream(code: str) -> str:
    """A funding stream in words."""
    return FUNDING_STREAMS.get(code, code.replace("_", " "))


def unit(name: str | None, quantity: float | None = None) -> str:
    """A unit as it is said of a quantity: one person, two persons, three person-milestones."""
    if not name or quantity == 1 or name.endswith("s"):
        return name or ""
    return f"{name}s"


def estimate(row: Mapping[str, Any]) -> str:
    """The estimate of a row: `87 %`, `12.3`, `withheld`, or a dash."""
    return _number(row, "estimate")


def moved_estimate(row: Mapping[str, Any], side: str) -> str:
    """The estimate of one side, `before` or `after`, of a measure that is not the same in two releases."""
    told = {"estimate": row[f"estimate_{side}"], "suppressed": row[f"suppressed_{side}"], "kind": row["kind"]}
    return estimate(told)


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
    """US dollars, whole: what is added up or reckoned."""
    if value is None:
        return WITHHELD if suppressed else NOTHING
    return f"{'-' if value <= -0.5 else ''}${abs(value):,.0f}"


def dollars(value: Decimal | float | None) -> str:
    """US dollars to the cent, without cents where there are none: what a contract or an assumption says."""
    if value is None:
        return NOTHING
    return f"{'-' if value < 0 else ''}${abs(value):,.2f}".removesuffix(".00")


def short_usd(value: float, step: float | None = None) -> str:
    """Dollars for an axis: $7.5M, $250k; with enough digits to tell values apart that lie a step from each other."""
    size = abs(value)
    scale, letter = (1e6, "M") if size >= 1e6 else (1e3, "k") if size >= 1e3 else (1.0, "")
    wanted = 1 if letter == "M" else 0
    while step is not None and scale > 1 and step / scale <= 10**-wanted and wanted < 3:
        wanted += 1
    return f"${value / scale:,.{wanted}f}{letter}"


def number(value: Decimal | float | None) -> str:
    """Three digits that tell something: 0.123, 12.3, 1,234."""
    if value is None:
        return NOTHING
    size = abs(float(value))
    return (
        f"{value:,.0f}" if size >= 100 else f"{value:,.1f}" if size >= 10 else f"{value:,.3f}".rstrip("0").rstrip(".")
    )
