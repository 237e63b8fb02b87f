"""A change of the model is rehearsed, told and then made, on a handful of clients."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner

from linkage_rules.bundle import Bundle, shipped_bundle
from pipelines.cli import main
from pipelines.commands.model_migration import page
from pipelines.errors import LakeError
from pipelines.lake import Lake
from pipelines.link import bundle_of, link, read_pin
from pipelines.operations.state import write_state
from pipelines.person_index import update
from pipelines.person_index.migrate import rehearse, switch
from tests.linkage.bundles import stricter_bundle
from tests.linkage.test_linking import PEOPLE, lake_of, persons

AS_OF = date(2026, 11, 1)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """A lake in which 1, 2, 3 are Ann and 4, 5 are Benedict, under the shipped model."""
    lake = lake_of(tmp_path / "lake", PEOPLE)
    write_state(lake)
    bundle = bundle_of(lake, shipped_bundle(), is_named=False)
    link(lake, bundle)
    update(lake, AS_OF, {"deliveries": "d", "model": bundle.sha256})
    return lake


@pytest.fixture
def stricter(tmp_path: Path) -> Bundle:
    return stricter_bundle(tmp_path / "stricter")


def contents(lake: Lake) -> dict[str, bytes]:
    return {str(p.relative_to(lake.root)): p.read_bytes() for p in lake.root.rglob("*") if p.is_file()}


def test_a_rehearsal_tells_what_would_change_and_changes_nothing(lake: Lake, stricter: Bundle) -> None:
    before = contents(lake)
    found = rehearse(lake, shipped_bundle(), stricter)
    assert contents(lake) == before
    assert (found.clients, found.persons_before) == (6, 3)
    assert found.persons_now > found.persons_before
    assert (found.pairs_joined, found.pairs_parted > 0) == (0, True)
    assert found.ids_carried_over == 3, "the larger part of a split person keeps its id"
    assert found.events["created"] == found.persons_now - 3


def test_a_rehearsal_tells_how_many_members_of_a_cohort_change(lake: Lake, stricter: Bundle) -> None:
    path = str(lake.path("person_index", "person_of_client"))
    members = duckdb.sql(
        "select distinct 'contract' as kind, 'jir' as code, 'all' as part, person_id, 10.0::double as paid_usd "
        "from read_parquet($p)",
        params={"p": path},
    ).to_arrow_table()
    found = rehearse(lake, shipped_bundle(), stricter, memberships=members)
    (cohort,) = found.cohorts
    assert cohort["members"] == 3
    assert cohort["members_now"] == found.persons_now
    assert cohort["changed"] == 3 - found.persons_unchanged == cohort["split"]
    assert cohort["paid_usd_of_changed"] == 10.0 * cohort["changed"]
    assert ">jir, every clause<" in page(found)
    assert rehearse(lake, shipped_bundle(), stricter).cohorts == ()


def test_the_same_model_changes_nobody(lake: Lake) -> None:
    found = rehearse(lake, shipped_bundle(), shipped_bundle())
    assert (found.persons_unchanged, found.clients_moved, found.pairs_parted, found.events) == (3, 0, 0, {})
    assert found.examples == ()


def test_a_switch_does_what_the_rehearsal_said_and_the_ledger_names_the_model(lake: Lake, stricter: Bundle) -> None:
    foreseen = rehearse(lake, shipped_bundle(), stricter)
    assert switch(lake, stricter).events == foreseen.events
    assert len(persons(lake)) == foreseen.persons_now
    path = str(lake.path("person_index", "ledger"))
    query = "select distinct cause from read_parquet($p) where version_number = 2"
    assert duckdb.execute(query, {"p": path}).fetchall() == [("model",)]
    assert read_pin(lake).version == "stricter"


def test_the_night_after_a_switch_changes_nothing(lake: Lake, stricter: Bundle) -> None:
    switch(lake, stricter)
    bundle = bundle_of(lake, shipped_bundle(), is_named=False)
    link(lake, bundle)
    assert update(lake, AS_OF, {"deliveries": "d", "model": bundle.sha256}).events == {}


@pytest.mark.parametrize("ending", ["json", "html"])
def test_the_command_reports_counts_and_nobody_and_switches_only_when_asked(
    lake: Lake, stricter: Bundle, tmp_path: Path, ending: str
) -> None:
    report = tmp_path / f"report.{ending}"
    options = ["--lake", str(lake.root), "--bundle", str(stricter.folder), "--out", str(report)]
    said = CliRunner().invoke(main, ["migrate-model", *options])
    assert said.exit_code == 0, said.output
    assert "nothing was switched" in said.output
    assert read_pin(lake).version != "stricter"
    text = (said.output + report.read_text()).upper()
    assert not any(value in text for value in ("QUISTG", "OKONKWO", "139476997", "6997", "1980-12-05"))
    switched = CliRunner().invoke(main, ["migrate-model", *options, "--switch"])
    assert "switched to model stricter" in switched.output
    assert read_pin(lake).version == "stricter"


def test_a_changed_pair_says_on_which_rungs_the_models_differ(lake: Lake, tmp_path: Path) -> None:
    other = stricter_bundle(tmp_path / "doubting")
    model = json.loads((other.folder / "model.json").read_text())
    (ssn,) = (c for c in model["comparisons"] if c["output_column_name"] == "ssn")
    for level in ssn["comparison_levels"]:
        if level["label_for_charts"] == "same number":
            level["u_probability"] = level["m_probability"]
    doubting = Bundle("doubting", other.folder, model, other.thresholds, other.trained_on, 1e-5)
    found = rehearse(lake, shipped_bundle(), doubting)
    rungs = [rung for pair in found.examples for rung in pair["rungs"] if rung["level_now"] == "same number"]
    assert rungs
    assert all(rung["ladder"] == "ssn" and rung["bits_now"] == 0 and rung["bits_before"] > 20 for rung in rungs)


def test_a_lake_that_was_never_linked_has_nothing_to_migrate(tmp_path: Path, stricter: Bundle) -> None:
    with pytest.raises(LakeError, match="run the nightly job first"):
        rehearse(Lake(tmp_path / "new"), shipped_bundle(), stricter)
