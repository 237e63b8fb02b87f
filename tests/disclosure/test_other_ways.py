"""A second attacker: not by sums, but by looking whether anything else that leaves depends on what is withheld.

Two counties that differ in withheld counts alone are published, with every page, chart, workbook, copy and manifest. An
attacker who holds all of it learns nothing if and only if not one byte of it differs.
"""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import duckdb
import pytest

from pipelines.lake import Lake
from pipelines.publish import publish, release
from pipelines.publish.person_keys import open_key_ring
from pipelines.reports.draw import draw_all
from pipelines.reports.site import write_site
from tests.disclosure.test_releases import results
from tests.unit.fake_lake import fake_lake, receipt, shipped_contracts

AS_OF = date(2026, 11, 1)


@pytest.fixture
def twins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Lake, Lake]:
    """Two lakes with the same keys and the same persons."""
    monkeypatch.setattr(release, "accepted_deliveries", lambda lake, as_of: [receipt("sheriff", AS_OF)])
    monkeypatch.setattr(release, "lake_faults", lambda lake: [])  # results differ here without their person rows
    one = fake_lake(tmp_path / "one")
    open_key_ring(one, "outcomes")
    shutil.copytree(one.root, tmp_path / "other")
    return one, Lake(tmp_path / "other")


def all_that_leaves(lake: Lake, p2: int, p3: int) -> dict[str, bytes]:
    """Every file of a release and of its site, by path."""
    with duckdb.connect() as connection:
        lake.write("outcomes", "measure_results", connection.sql(results(p2, p3)))
    folder = publish(
        lake,
        contracts=shipped_contracts(),
        outcome_contracts=Path("outcome_contracts"),
        bundle_version="b1",
        as_of=AS_OF,
        held=(),
        draw=draw_all,
    ).release
    write_site(folder, lake.root.with_name(f"{lake.root.name}_site"), draws=0)
    places = {"release": folder, "site": lake.root.with_name(f"{lake.root.name}_site")}
    return {
        f"{name}/{path.relative_to(place)}": path.read_bytes()
        for name, place in places.items()
        for path in sorted(place.rglob("*"))
        if path.is_file()
    }


def differing(one: dict[str, bytes], other: dict[str, bytes]) -> set[str]:
    """Paths that are in one alone, or hold other bytes."""
    return {path for path in one.keys() | other.keys() if one.get(path) != other.get(path)}


def test_no_byte_of_all_that_leaves_depends_on_what_is_withheld(twins: tuple[Lake, Lake]) -> None:
    one, other = (all_that_leaves(lake, *counts) for lake, counts in zip(twins, ((40, 5), (41, 4)), strict=True))
    kinds = {Path(path).suffix for path in one}
    assert {".parquet", ".html", ".xlsx", ".duckdb", ".json", ".gz"} <= kinds
    assert differing(one, other) == set()


def test_the_same_look_finds_a_count_that_is_told(twins: tuple[Lake, Lake]) -> None:
    one, other = (all_that_leaves(lake, *counts) for lake, counts in zip(twins, ((40, 20), (41, 19)), strict=True))
    found = differing(one, other)
    assert "release/measure_results.parquet" in found
    assert "release/aggregates.xlsx" in found
    assert any(path.startswith("site/") for path in found)
