"""What a report shows, arranged from a release's tables: groups, orders, totals. No drawing here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pipelines.reports.plots import axis_top
from pipelines.reports.tables import ReleaseTables

Row = Mapping[str, Any]

ROWS = ("rows_in", "accepted", "quarantined", "superseded", "rows_held")
"""Where rows of deliveries went, as the `deliveries` table counts them."""


@dataclass(frozen=True)
class Panel:
    """Rows that are read together, with the end of their common axis."""

    title: str
    unit: str
    rows: tuple[Row, ...]
    top: float


@dataclass(frozen=True)
class ProviderLine:
    """A provider with its result of each measure, in the order of the table's columns."""

    name: str
    provider_id: str
    area: str
    results: tuple[Row | None, ...]


@dataclass(frozen=True)
class ProviderTable:
    """Providers by measures; a column is the row of the measure over all people, for its title, unit and period."""

    title: str
    columns: tuple[Row, ...]
    lines: tuple[ProviderLine, ...]


def headlines(tables: ReleaseTables) -> list[Panel]:
    """Every measure over all people, for the whole time or else its latest period with a result; one panel a unit."""
    by_unit = _grouped(_latest_of_each(tables.rows("measure_results")), "unit")
    return [Panel(unit, unit, tuple(group), axis_top(group)) for unit, group in by_unit.items()]


def _latest_of_each(rows: Iterable[Row]) -> list[Row]:
    overall = _grouped((row for row in rows if row["cut_code"] == "all"), "measure_id")
    return [max(group, key=_recency) for group in overall.values()]


def _recency(row: Row) -> tuple[bool, bool, bool, str]:
    """A period in which nobody is counted yet, as one whose windows lie ahead, is told only if there is no other."""
    return row["period"] is None, row["estimate"] is not None, row["n"] != 0, row["period"] or ""


def by_period(tables: ReleaseTables) -> list[Panel]:
    """Every measure over all people by period, one panel a measure."""
    rows = [row for row in tables.rows("measure_results") if row["cut_code"] == "all" and row["period"] is not None]
    panels = (sorted(group, key=lambda row: row["period"]) for group in _grouped(rows, "measure_id").values())
    return [Panel(group[0]["title"], group[0]["unit"], tuple(group), axis_top(group)) for group in panels]


def providers(tables: ReleaseTables) -> list[ProviderTable]:
    """Providers' results of the latest period that has any: clinics of record first, then whoever else has results.

    A clinic with nothing to show keeps its line; a measure that no one in a table has is left out of it.
    """
    rows = tables.rows("measure_results")
    results = {
        (row["cut_value"], row["measure_id"], row["period"]): row for row in rows if row["cut_code"] == "provider"
    }
    known = {row["provider_id"]: row for row in tables.rows("providers")}
    others: dict[str, Row] = {provider_id: {} for provider_id, _, _ in results if provider_id not in known}
    parts: tuple[tuple[str, Mapping[str, Row]], ...] = (("Clinics", known), ("Other providers", others))
    return [_provider_table(title, part, _latest_of_each(rows), results) for title, part in parts if part]


def _provider_table(
    title: str,
    known: Mapping[str, Row],
    measures: Iterable[Row],
    results: Mapping[tuple[str, str, str | None], Row],
) -> ProviderTable:
    with_results = {measure_id for provider_id, measure_id, _ in results if provider_id in known}
    columns = tuple(row for row in measures if row["measure_id"] in with_results)
    lines = tuple(_provider_line(one, known[one], columns, results) for one in sorted(known))
    return ProviderTable(title, columns, lines)


def _provider_line(
    provider_id: str, known: Row, columns: Iterable[Row], results: Mapping[tuple[str, str, str | None], Row]
) -> ProviderLine:
    return ProviderLine(
        name=known.get("provider_name") or provider_id,
        provider_id=provider_id,
        area=known.get("service_area_code") or "",
        results=tuple(results.get((provider_id, column["measure_id"], column["period"])) for column in columns),
    )


def contracts(tables: ReleaseTables) -> list[Row]:
    """Contract progress over the whole time, a row a clause."""
    return [row for row in tables.rows("contract_statements") if row["period"] is None]


def linkage(tables: ReleaseTables) -> dict[str, Any]:
    """Agencies with their counts, and the matrix of persons that two agencies both know."""
    rows = tables.rows("linkage_quality")
    return {
        "agencies": [row for row in rows if row["agency"] == row["other_agency"]],
        "both": {(row["agency"], row["other_agency"]): row for row in rows},
    }


def deliveries(tables: ReleaseTables) -> list[dict[str, Any]]:
    """Rows in, accepted, quarantined, superseded by agency, with deliveries accepted and held."""
    lines = []
    for agency, rows in _grouped(tables.rows("deliveries"), "agency").items():
        by_status = {status: {row["delivery_id"] for row in rows if row["status"] == status}
                     for status in ("accepted", "held")}  # fmt: skip
        sums = {name: sum(row[name] for row in rows) for name in ROWS}
        lines.append(
            {"agency": agency, "deliveries": len(by_status["accepted"]), "held": len(by_status["held"]), **sums}
        )
    return lines


def _grouped(rows: Iterable[Row], column: str) -> dict[str, list[Row]]:
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        groups[row[column]].append(row)
    return dict(groups)
