"""Data quality of each agency, and the dictionary: from tables and contracts of the release."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pipelines.publish.published_contracts import load_published_contracts
from pipelines.reports import figures, wording
from pipelines.reports.charts.providers import bar_chart
from pipelines.reports.site.frame import Frame
from pipelines.reports.tables import ReleaseTables

ENDS = ("accepted", "quarantined", "superseded", "rows_held")
ENDS_IN_WORDS = {"accepted": "accepted", "quarantined": "quarantined", "superseded": "superseded", "rows_held": "held"}
COUNTED = ("rows_in", *ENDS)

SHOWN_DELIVERIES = 30
"""A month of nights; the workbook has them all."""

DRAWN_DELIVERIES = 12
"""More bars than that are not told apart on a phone."""

Row = dict[str, Any]


def write_quality(frame: Frame, tables: ReleaseTables) -> None:
    """Write a page an agency, and the one that leads to them."""
    everything = tables.rows("deliveries")
    for source in tables.rows("data_through"):
        own = [row for row in everything if row["agency"] == source["agency"]]
        _write_agency(frame, tables, source, own)
    agencies = figures.deliveries(tables)
    frame.page("site_quality_index.html", "data_quality/index.html", sheets={"agencies": agencies}, agencies=agencies)


def _write_agency(frame: Frame, tables: ReleaseTables, source: Mapping[str, Any], rows: Sequence[Row]) -> None:
    agency = source["agency"]
    deliveries = by_delivery(rows)
    newest = deliveries[0]["label"] if deliveries else wording.NOTHING
    own = [row for row in tables.rows("linkage_quality") if row["agency"] == row["other_agency"] == agency]
    faults = [row for row in tables.rows_if_there("delivery_faults") if row["agency"] == agency]
    frame.page(
        "site_quality.html",
        f"data_quality/{agency}.html",
        sheets={"deliveries": deliveries, "tables": rows, "faults": faults},
        agency=agency,
        source=source,
        deliveries=deliveries[:SHOWN_DELIVERIES],
        newest=newest,
        newest_tables=[row for row in rows if deliveries and row["delivery_id"] == deliveries[0]["delivery_id"]],
        chart=_chart(agency, deliveries[:DRAWN_DELIVERIES]),
        client=own[0] if own else None,
        faults=faults,
    )


def by_delivery(rows: Sequence[Row]) -> list[Row]:
    """Rows by where they went, summed over the tables of a delivery; newest first."""
    sums: dict[str, Row] = {}
    for row in rows:
        one = sums.setdefault(row["delivery_id"], {
            "delivery_id": row["delivery_id"], "as_of_on": row["as_of_on"], "revision": row["revision"],
            "label": f"{row['as_of_on']}" + (f" r{row['revision']}" if row["revision"] > 1 else ""),
            "status": row["status"], **dict.fromkeys(COUNTED, 0),
        })  # fmt: skip
        for name in COUNTED:
            one[name] += row[name]
    for one in sums.values():
        one["share"] = one["quarantined"] / one["rows_in"] if one["rows_in"] else None
    return sorted(sums.values(), key=lambda one: (one["as_of_on"], one["revision"], one["delivery_id"]), reverse=True)


def _chart(agency: str, deliveries: Sequence[Row]) -> Any:
    rows = [
        {"part": one["label"], "series": ENDS_IN_WORDS[end], "value": one[end]}
        for one in deliveries
        for end in ENDS
        if one["rows_in"]
    ]
    if not rows:
        return ""
    said = "; ".join(
        f"{one['label']}: {one['accepted']:,} of {one['rows_in']:,} accepted" for one in deliveries if one["rows_in"]
    )
    terms = {"title": f"Rows by delivery: {wording.agency(agency)}", "unit": "rows", "description": said}
    return bar_chart(rows, terms, f"deliveries-{agency}")


def write_dictionary(frame: Frame, tables: ReleaseTables) -> None:
    """Write the dictionary of the release's tables, columns and measures."""
    contracts = list(load_published_contracts(tables.folder / "contracts").values())
    columns = [
        {"table": one.name, "column": column.name, "type": column.physical_type, "meaning": column.description}
        for one in contracts
        for column in one.columns
    ]
    measures = tables.rows("measure_definitions")
    frame.page("site_dictionary.html", "dictionary.html", sheets={"columns": columns, "measures": measures},
               contracts=contracts, measures=measures)  # fmt: skip
