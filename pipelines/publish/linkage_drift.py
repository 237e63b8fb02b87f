"""How far the linkage of one release lies from that of another, told from what both publish."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from linkage_rules.drift import Drift, Limit, Parts, drift

Row = dict[str, Any]
RowsOf = Callable[[str], list[Row]]


def drifts(now: RowsOf, before: RowsOf, stated: Iterable[Limit]) -> list[Drift]:
    """The drift of every figure that both publish; each is given as table → rows."""
    return [found for limit in stated if (found := _drift(limit, now, before)) is not None]


def _drift(limit: Limit, now: RowsOf, before: RowsOf) -> Drift | None:
    here, there = _parts(limit.figure, now), _parts(limit.figure, before)
    return drift(limit, here, there) if here and there else None


def _parts(figure: str, rows: RowsOf) -> Parts:
    """A figure as it was published; what is withheld takes no part."""
    groups = rows("linkage_by_group")
    if figure == "linked_by_agency_pair":
        pairs = [row for row in groups if row["cut_code"] == "agency_pair"]
        return {
            row["cut_value"]: (round(row["linked"] * row["clients"]), row["clients"]) for row in pairs if row["linked"]
        }
    clients = next((row["clients"] for row in groups if row["cut_code"] == "all"), None)
    whole = clients if figure == "placeholders" else None
    return {
        row["part_code"]: (row["value"], whole)
        for row in rows("linkage_figures")
        if row["figure_code"] == figure and row["part_code"] != "all" and row["value"] is not None
    }
