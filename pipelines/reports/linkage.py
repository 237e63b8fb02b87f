"""What the linkage page shows, arranged from a release, and from a second one where drift is asked for."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from linkage_rules.drift import Drift, limit_of
from pipelines.publish.linkage_drift import drifts as published_drifts
from pipelines.reports.tables import ReleaseTables
from pipelines.reports.wording import PROPORTION, agency, estimate

Row = Mapping[str, Any]

TITLES = {
    "all": "All clients",
    "agency": "By agency",
    "agency_pair": "By pair of agencies",
    "race_ethnicity": "By race and ethnicity",
    "sex": "By sex",
    "age_band": "By age",
    "housing_status": "By housing status, as the housing agencies know it",
    "ssn": "By what is known of the SSN",
}
"""Cuts in the order in which they are shown."""

SOURCES = {"labels": "labelled", "model": "expected"}
"""What a share is told by → how its columns begin."""


@dataclass(frozen=True)
class Told:
    """Precision or recall of a group, by the best there is; `share` is a row with estimate, lower, upper."""

    share: Row
    by: str
    """In words; empty where there is nothing to tell."""
    beside: str = ""
    """What else is said of it."""


@dataclass(frozen=True)
class Group:
    """A group of clients: its size, and its shares."""

    name: str
    clients: int | None
    suppressed: bool
    doubtful_share: float | None
    mean_confidence: float | None
    linked: Row
    precision: Told
    recall: Told


def groups(tables: ReleaseTables) -> list[tuple[str, list[Group]]]:
    """The groups of every cut, with the cut's title."""
    rows = tables.rows("linkage_by_group")
    return [(title, [_group(row) for row in rows if row["cut_code"] == cut]) for cut, title in TITLES.items()]


def _group(row: Row) -> Group:
    return Group(
        name=_group_name(row),
        clients=row["clients"],
        suppressed=row["suppressed"],
        doubtful_share=row["doubtful_share"],
        mean_confidence=row["mean_confidence"],
        linked=_share(row, "linked"),
        precision=_told(row, "precision"),
        recall=_told(row, "recall"),
    )


def _group_name(row: Row) -> str:
    said = str(row["cut_value"]).replace("+", " + ")
    return agency(said) if row["cut_code"] in ("agency", "agency_pair") else said.replace("_", " ")


def _told(row: Row, name: str) -> Told:
    source = row.get(f"{name}_source") or "model"  # releases before 1.1.0 of the table had no source
    share = _share(row, f"{SOURCES[source]}_{name}")
    if share["estimate"] is None:
        return Told(share, "")
    if source == "model":
        return Told(share, "expected")
    expected = _share(row, f"expected_{name}")
    return Told(share, f"by {row['labelled_pairs']:,} labels", f"the model expects {estimate(expected)}")


def labels(tables: ReleaseTables) -> Row | None:
    """How many labels the page tells by, and the share set aside; None where there are none, or too few to tell."""
    (row,) = (row for row in tables.rows("linkage_by_group") if row["cut_code"] == "all")
    return row if row.get("labelled_pairs") is not None else None


def _share(row: Row, name: str) -> Row:
    return {
        "estimate": row[name],
        "lower": row[f"{name}_lower"],
        "upper": row[f"{name}_upper"],
        "kind": PROPORTION,
        "suppressed": row["suppressed"],
    }


def histogram(tables: ReleaseTables, figure: str) -> list[Row]:
    """The parts of a figure, without their total."""
    return [row for row in _figure(tables, figure) if row["part_code"] != "all"]


def bins(tables: ReleaseTables, figure: str) -> list[Row]:
    """The parts of a figure whose codes are numbers, written as such: 4 for the 04 that sorts well."""
    return [{**row, "part_code": row["part_code"].lstrip("0") or "0"} for row in histogram(tables, figure)]


def _figure(tables: ReleaseTables, figure: str) -> list[Row]:
    return [row for row in tables.rows("linkage_figures") if row["figure_code"] == figure]


def rules(release: Path) -> dict[str, Any]:
    """The rules that the release was linked by, as sealed in it."""
    document: dict[str, Any] = json.loads((release / "linkage_rules.json").read_text(encoding="utf-8"))
    return document


def blocking(tables: ReleaseTables, stated: Iterable[Mapping[str, str]]) -> list[Row]:
    """Every blocking rule with its reason and how many links it was the first to meet."""
    met = {row["part_code"]: row for row in histogram(tables, "links_by_rule")}
    reasons = {rule["name"]: rule["reason"] for rule in stated}
    nothing = {"value": 0, "suppressed": False}
    names = [*reasons, *(name for name in met if name not in reasons)]
    return [{"name": name, "reason": reasons.get(name, ""), **_met(met.get(name, nothing))} for name in names]


def _met(row: Row) -> Row:
    return {"value": row["value"], "suppressed": row["suppressed"]}


def drifts(tables: ReleaseTables, against: ReleaseTables, stated: Mapping[str, Mapping[str, Any]]) -> list[Drift]:
    """How far the linkage of a release lies from that of another, for every figure that both publish."""
    return published_drifts(tables.rows, against.rows, [limit_of(figure, rule) for figure, rule in stated.items()])
