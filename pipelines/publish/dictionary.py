"""The data dictionary of a release, as CSV and as a page: every column, every caveat, and how current each source is.

From the published contracts and the sources of the release; no column is described a second time.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from pipelines.publish.manifest import Inputs
from pipelines.publish.published_contracts import PublishedTable
from pipelines.publish.sources import Sources

CSV_NAME, PAGE_NAME = "data_dictionary.csv", "data_dictionary.html"

COLUMNS = ("table", "tier", "column", "type", "can_be_null", "codes", "classification", "description", "caveats")


@dataclass(frozen=True)
class Lag:
    """How current a source is in a release."""

    agency: str
    data_through_on: str
    """Its events are complete up to this day; empty where it never delivered."""
    latest_as_of_on: str
    days_behind: str
    is_stale: bool
    waiting: str
    """Rules that hold its deliveries."""


def write_dictionary(
    staged: Path, contracts: Mapping[str, PublishedTable], inputs: Inputs, sources: Sources, through: Mapping[str, Any]
) -> None:
    """Write data_dictionary.csv and data_dictionary.html into a staged release.

    Args:
        through: agency → the day up to which its events are complete.
    """
    with (staged / CSV_NAME).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(row for contract in contracts.values() for row in _rows(contract))
    environment = Environment(
        loader=PackageLoader("pipelines.publish"), undefined=StrictUndefined, autoescape=True, trim_blocks=True
    )
    page = environment.get_template("data_dictionary.html").render(
        inputs=inputs,
        contracts=contracts.values(),
        lags=lags(sources, through),
        queries={name: example(contract) for name, contract in contracts.items()},
    )
    (staged / PAGE_NAME).write_text(page + "\n", encoding="utf-8")


def lags(sources: Sources, through: Mapping[str, Any]) -> list[Lag]:
    """A row an agency, in order."""
    stale = set(sources.stale_agencies)
    return [
        Lag(
            agency=entry["agency"],
            data_through_on=str(through.get(entry["agency"]) or ""),
            latest_as_of_on=entry["latest_accepted_as_of"] or "",
            days_behind="" if entry["days_behind"] is None else str(entry["days_behind"]),
            is_stale=entry["agency"] in stale,
            waiting=", ".join(sorted({rule for one in entry["held_deliveries"] for rule in one["rules"]})),
        )
        for entry in sources.entries()
    ]


def example(contract: PublishedTable) -> str:
    """A query that shows what a table looks like, for DuckDB started in the release folder.

    A table of persons is counted instead: its rows are nobody's to look at one by one.
    """
    source = f"read_parquet('{contract.name}.parquet')"
    if contract.tier == "coded":
        return f"select count(*) as rows from {source};"
    order = ", ".join(contract.sorted_by) or "all"
    return f"from {source} order by {order} limit 10;"


def _rows(contract: PublishedTable) -> Iterator[tuple[str, ...]]:
    for column in contract.columns:
        yield (
            contract.name,
            contract.tier,
            column.name,
            column.physical_type,
            "no" if column.required else "yes",
            " ".join(column.codes),
            column.classification,
            column.description,
            contract.limitations,
        )
