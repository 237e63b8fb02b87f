"""A second attacker: not by sums, but by looking whether anything else that leaves depends on what is withheld.

Two counties that differ in withheld counts of every table are published, with every page, chart, workbook, copy and
manifest. An attacker who holds all of it learns nothing if and only if not one byte of it differs, but in the coded
tables: those have a row a person, for whoever may hold them.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines import key_files
from pipelines.lake import Lake
from pipelines.publish import publish, release
from pipelines.publish.person_keys import open_key_ring
from pipelines.publish.published_contracts import load_published_contracts
from pipelines.reports.draw import draw_all
from pipelines.reports.site import write_site
from pipelines.validate import TableCounts
from tests.disclosure.test_releases import results
from tests.unit.fake_lake import TABLES, fake_lake, receipt, shipped_contracts

AS_OF = date(2026, 11, 1)
CODED = [name for name, one in load_published_contracts().items() if one.tier == "coded"]
OF_CODED_ROWS = {f"release/{path}" for name in CODED for path in (f"{name}.parquet", f"csv/{name}.csv.gz")}
SEALS = {"release/manifest.json", "release/SHA256SUMS"}
"""They hold the hash of every other file."""

OTHERS = {
    "outcomes.measure_uncertainty": [("0.01 as lower_total", "if(cut_value = 'P3', 0.03, 0.01) as lower_total")],
    "person_index.linkage_by_group": [
        ("('sex', 'F', 140, 100)", "('sex', 'F', 141, 101)"),
        ("('sex', 'unknown', 8, 6)", "('sex', 'unknown', 7, 5)"),
    ],
    "person_index.linkage_figures": [("'02', 40", "'02', 41"), ("'05', 4)", "'05', 3)"), ("'00', 4", "'00', 5"),
                                     ("'20', 50", "'20', 49")],
    "quarantine.ledger": [("from range(12)", "from range(13)")],
    "standard.clients": [("date '1981-05-01', true)", "date '1981-05-01', false)")],
    "contracts.statement_lines": [("(values (11), (12))", "(values (11), (12), (13))")],
}  # fmt: skip
"""Table → what the second county has in place of what the first one has; nothing of either may be told."""


def shared(table: str) -> str:
    """A table of the fake lake, with something small beside something large in each of its sums."""
    return (
        TABLES[table]
        .replace("('sex', 'F', 140, 100), ('sex', 'M', 160, 100)",
                 "('sex', 'F', 140, 100), ('sex', 'M', 152, 94), ('sex', 'unknown', 8, 6)")
        .replace("('clusters_by_size', '05', 9)", "('clusters_by_size', '05', 4)")
        .replace("'06-10', 6", "'06-10', 2")
    )  # fmt: skip


def by_sex(cells: str, p2: int, p3: int) -> str:
    """The results with a cut by sex whose groups are as large as the providers."""
    groups = f", ('sex', 'F', null, 60, 35.0), ('sex', 'M', null, {p2}, 25.0), ('sex', 'unknown', null, {p3}, 0.0)"
    end = cells.index(") as t (cut_code, cut_value, period")
    return cells[:end].rstrip() + groups + cells[end:]


@pytest.fixture
def twins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Lake, Lake]:
    """Two lakes with the same keys, in which every table has the same rows."""
    monkeypatch.setattr(key_files.secrets, "token_bytes", bytes)  # by this key both numbers of rows become one
    monkeypatch.setattr(release, "lake_faults", lambda lake: [])  # results differ here without their person rows
    one = fake_lake(tmp_path / "one")
    for table in OTHERS:
        write(one, table, shared(table))
    open_key_ring(one, "outcomes")
    shutil.copytree(one.root, tmp_path / "other")
    return one, Lake(tmp_path / "other")


def write(lake: Lake, table: str, rows: str) -> None:
    zone, name = table.split(".")
    with duckdb.connect() as connection:
        lake.write(zone, name, connection.sql(rows))


def differ(lake: Lake) -> None:
    """Make a lake the second county."""
    for table, changes in OTHERS.items():
        rows = shared(table)
        for one, other in changes:
            assert one in rows, (table, one)
            rows = rows.replace(one, other)
        write(lake, table, rows)


def all_that_leaves(lake: Lake, p2: int, p3: int, accepted: int, monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """Every file of a release and of its site, by path."""
    counts = TableCounts(rows_in=105, accepted=accepted, quarantined=104 - accepted, superseded=1)
    delivered = replace(receipt("sheriff", AS_OF), tables={"person": counts})
    monkeypatch.setattr(release, "accepted_deliveries", lambda lake, as_of: [delivered])
    write(lake, "outcomes.measure_results", by_sex(results(p2, p3), p2, p3))
    folder = publish(
        lake,
        contracts=shipped_contracts(),
        outcome_contracts=Path("outcome_contracts"),
        bundle_version="b1",
        as_of=AS_OF,
        held=(),
        draw=draw_all,
    ).release
    site = lake.root.with_name(f"{lake.root.name}_site")
    write_site(folder, site, draws=0)
    return {
        f"{name}/{path.relative_to(place)}": path.read_bytes()
        for name, place in {"release": folder, "site": site}.items()
        for path in sorted(place.rglob("*"))
        if path.is_file()
    }


def differing(one: dict[str, bytes], other: dict[str, bytes]) -> set[str]:
    """Paths that are in one alone, or hold other bytes."""
    return {path for path in one.keys() | other.keys() if one.get(path) != other.get(path)}


def said_of_others(manifest: bytes) -> dict[str, Any]:
    """A manifest without what it says of coded tables: their rows, hashes and sizes."""
    told: dict[str, Any] = json.loads(manifest)
    told["rows"] = {name: rows for name, rows in told["rows"].items() if name not in CODED}
    told["files"] = {name: file for name, file in told["files"].items() if f"release/{name}" not in OF_CODED_ROWS}
    return told


def test_no_byte_of_all_that_leaves_depends_on_what_is_withheld(
    twins: tuple[Lake, Lake], monkeypatch: pytest.MonkeyPatch
) -> None:
    differ(twins[1])
    one, other = (
        all_that_leaves(lake, *counts, monkeypatch)
        for lake, counts in zip(twins, ((40, 5, 103), (41, 4, 104)), strict=True)
    )
    kinds = {Path(path).suffix for path in one}
    assert {".parquet", ".html", ".xlsx", ".duckdb", ".json", ".gz"} <= kinds
    found = differing(one, other)
    assert "release/statement_lines.parquet" in found
    assert found - OF_CODED_ROWS - SEALS == set()
    assert said_of_others(one["release/manifest.json"]) == said_of_others(other["release/manifest.json"])


def test_the_same_look_finds_a_count_that_is_told(twins: tuple[Lake, Lake], monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = (
        all_that_leaves(lake, *counts, 102, monkeypatch)
        for lake, counts in zip(twins, ((40, 20), (41, 19)), strict=True)
    )
    found = differing(one, other)
    assert "release/measure_results.parquet" in found
    assert "release/aggregates.xlsx" in found
    assert any(path.startswith("site/") for path in found)
