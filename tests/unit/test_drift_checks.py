"""The asset checks of drift: told with counts and shares, and with nothing on the first run."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import dagster as dg
import duckdb
import pytest

from linkage_rules.bundle import shipped_bundle
from linkage_rules.drift import limits
from pipelines.defs import drift
from pipelines.defs.invariants import no_model_waits
from pipelines.lake import Lake
from pipelines.link import bundle_of
from pipelines.person_index.history import add_run, run_key
from tests.linkage.bundles import stricter_bundle

FIGURES = """
    select * from (values
        ('links_by_weight', '00', {weak}, null), ('links_by_weight', '20', 1000, null),
        ('clusters_by_size', '01', 500, null), ('largest_cluster', 'clients', {largest}, null),
        ('unlinkable_by_agency', 'hmis', {unlinkable}, 1000), ('linked_by_agency_pair', 'hmis+sheriff', 300, 1000)
    ) as t (figure_code, part_code, value, whole)
"""


def run(lake: Lake, delivery: str, weak: int = 20, largest: int = 7, unlinkable: int = 10) -> dict[str, str]:
    inputs = {"deliveries": delivery}
    with duckdb.connect() as connection:
        rows = connection.sql(FIGURES.format(weak=weak, largest=largest, unlinkable=unlinkable))
        lake.write("person_index", "linkage_figures", rows)
    add_run(lake, run_key(inputs), date(2026, 11, 1), "m1")
    return inputs


def verdicts(lake: Lake, inputs: dict[str, str]) -> dict[str, dg.AssetCheckResult]:
    return {str(found.check_name): found for found in drift.checks(lake, inputs)}


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake")


def test_the_first_run_has_no_baseline_passes_and_says_so(lake: Lake) -> None:
    found = verdicts(lake, run(lake, "a"))
    assert set(found) == {f"{limit.figure}_is_steady" for limit in limits()}
    assert all(one.passed for one in found.values())
    assert "first run" in str(found["links_by_weight_is_steady"].metadata["baseline"].value)


def test_a_night_like_the_last_is_steady(lake: Lake) -> None:
    run(lake, "a")
    assert all(one.passed for one in verdicts(lake, run(lake, "b", weak=21, unlinkable=11)).values())


def test_an_agency_that_begins_to_hash_is_an_error_and_names_the_agency_only(lake: Lake) -> None:
    run(lake, "a")
    found = verdicts(lake, run(lake, "b", unlinkable=900))["unlinkable_by_agency_is_steady"]
    assert (found.passed, found.severity) == (False, dg.AssetCheckSeverity.ERROR)
    assert found.metadata["moved_most"].value == "hmis"
    assert found.metadata["drift"].value == pytest.approx(0.89)


def test_a_person_that_doubled_is_a_warning(lake: Lake) -> None:
    run(lake, "a")
    found = verdicts(lake, run(lake, "b", largest=14))["largest_cluster_is_steady"]
    assert (found.passed, found.severity) == (False, dg.AssetCheckSeverity.WARN)


def test_every_check_is_declared(lake: Lake) -> None:
    assert {spec.name for spec in drift.specs()} == set(verdicts(lake, run(lake, "a")))


def test_a_model_that_waits_is_a_warning(lake: Lake, tmp_path: Path) -> None:
    bundle_of(lake, shipped_bundle(), is_named=False)
    assert no_model_waits(lake, shipped_bundle()).passed
    found = no_model_waits(lake, stricter_bundle(tmp_path / "stricter"))
    assert (found.passed, found.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert found.metadata["offered"].value == "stricter"
