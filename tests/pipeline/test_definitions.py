"""The Dagster code location: what is in it, how it is described, and what starts it."""

from __future__ import annotations

import json
import os
from pathlib import Path

import dagster as dg
import pytest

from pipelines.definitions import STAGES, defs
from pipelines.defs.automation import NIGHTLY, ON_TIME_JOB, RELINK, fingerprint
from pipelines.defs.link import ORACLE
from pipelines.defs.on_time import ON_TIME
from pipelines.defs.resources import CountyResource

GOLDEN = Path(__file__).parents[1] / "golden" / "asset_graph.json"


@pytest.fixture(scope="module")
def location() -> dg.Definitions:
    return defs()


@pytest.fixture(scope="module")
def specs(location: dg.Definitions) -> list[dg.AssetSpec]:
    return list(location.resolve_all_asset_specs())


def graph_of(location: dg.Definitions) -> dict[str, dict[str, object]]:
    graph = location.resolve_asset_graph()
    return {
        node.key.to_user_string(): {
            "group": node.group_name,
            "parents": sorted(key.to_user_string() for key in node.parent_keys),
            "checks": sorted(key.name for key in node.check_keys),
        }
        for node in sorted(graph.asset_nodes, key=lambda node: node.key.to_user_string())
    }


def test_the_asset_graph_is_the_one_that_was_agreed(location: dg.Definitions) -> None:
    """`UPDATE_GOLDEN=1 pytest …` accepts a change, which then shows in the diff of the golden file."""
    found = json.dumps(graph_of(location), indent=1, sort_keys=True) + "\n"
    if os.environ.get("UPDATE_GOLDEN"):
        GOLDEN.write_text(found)
    assert found == GOLDEN.read_text()


def test_the_definitions_load(location: dg.Definitions) -> None:
    dg.Definitions.validate_loadable(location)


def test_every_asset_is_described_owned_grouped_and_of_a_kind(specs: list[dg.AssetSpec]) -> None:
    for spec in specs:
        assert spec.description, spec.key
        assert spec.owners, spec.key
        assert spec.kinds, spec.key
        assert spec.group_name not in (None, "default"), spec.key


def test_groups_are_the_stages(specs: list[dg.AssetSpec]) -> None:
    stages = {stage.__name__.rsplit(".", 1)[-1] for stage in STAGES}
    assert {spec.group_name for spec in specs} == stages | {"deliveries", "reports"}


def test_delivered_columns_tell_their_classification(specs: list[dg.AssetSpec]) -> None:
    by_key = {spec.key.to_user_string(): spec for spec in specs}
    schema = by_key["validated/sheriff_person"].metadata["dagster/column_schema"]
    columns = {column.name: column for column in schema.columns}
    assert columns["last_name"].tags["classification"] == "direct_identifier"
    assert columns["last_name"].tags["linkage_role"] == "last_name"


def test_published_columns_come_from_the_published_contract(specs: list[dg.AssetSpec]) -> None:
    by_key = {spec.key.to_user_string(): spec for spec in specs}
    schema = by_key["published/persons"].metadata["dagster/column_schema"]
    assert [column.name for column in schema.columns][:2] == ["person_key", "birth_year"]


def test_the_night_starts_at_three_in_los_angeles(location: dg.Definitions) -> None:
    schedule = location.resolve_schedule_def("every_night")
    assert (schedule.cron_schedule, schedule.execution_timezone) == ("0 3 * * *", "America/Los_Angeles")
    assert schedule.job_name == NIGHTLY


def test_the_job_runs_every_asset_and_every_nightly_check(location: dg.Definitions) -> None:
    job = location.resolve_job_def(NIGHTLY)
    graph = location.resolve_asset_graph()
    assert job.asset_layer.executable_asset_keys == graph.executable_asset_keys
    weekly = location.resolve_job_def(RELINK)
    oracle = dg.AssetCheckKey(dg.AssetKey(["linked", "clusters"]), ORACLE)
    by_the_clock = {key for key in graph.asset_check_keys if key.name == ON_TIME}
    assert set(job.asset_layer.asset_graph.asset_check_keys) == set(graph.asset_check_keys) - {oracle} - by_the_clock
    assert set(weekly.asset_layer.asset_graph.asset_check_keys) == {oracle}
    noon = location.resolve_job_def(ON_TIME_JOB)
    assert set(noon.asset_layer.asset_graph.asset_check_keys) == by_the_clock
    assert len(by_the_clock) == 5


def look(location: dg.Definitions, landing: Path, cursor: str | None) -> tuple[dg.SensorResult, str | None]:
    sensor = location.resolve_sensor_def("deliveries")
    county = CountyResource(landing=str(landing), contracts="", outcome_contracts="", bundle="", as_of="")
    with dg.DagsterInstance.ephemeral() as instance:
        context = dg.build_sensor_context(instance=instance, cursor=cursor, resources={"county": county})
        return sensor.evaluate_tick(context), context.cursor


def test_a_delivery_starts_one_run_once_it_has_come_whole(location: dg.Definitions, tmp_path: Path) -> None:
    cursor: str | None = None
    for _ in range(2):
        empty, cursor = look(location, tmp_path, cursor)
        assert not empty.run_requests
    (tmp_path / "person.csv").write_text("half")
    changing, cursor = look(location, tmp_path, cursor)
    assert not changing.run_requests
    whole, cursor = look(location, tmp_path, cursor)
    assert len(whole.run_requests or []) == 1
    again, cursor = look(location, tmp_path, cursor)
    assert not again.run_requests


def test_a_delivery_that_is_still_written_starts_no_run_and_keeps_none_from_starting(
    location: dg.Definitions, tmp_path: Path
) -> None:
    growing = tmp_path / "sheriff" / "2026-11-01"
    growing.mkdir(parents=True)
    (growing / "person.csv").write_text("whole")
    (growing / "booking.csv.part").write_text("half")
    cursor: str | None = None
    for _ in range(3):
        none, cursor = look(location, tmp_path, cursor)
        assert not none.run_requests
    whole = tmp_path / "health" / "2026-11-01"
    whole.mkdir(parents=True)
    (whole / "patient.csv").write_text("whole")
    _, cursor = look(location, tmp_path, cursor)
    (growing / "booking.csv.part").write_text("half and more")
    started, cursor = look(location, tmp_path, cursor)
    assert len(started.run_requests or []) == 1
    (growing / "booking.csv.part").rename(growing / "booking.csv")
    _, cursor = look(location, tmp_path, cursor)
    finished, cursor = look(location, tmp_path, cursor)
    assert len(finished.run_requests or []) == 1


def test_a_marker_that_says_done_starts_the_run_that_waited_for_it(location: dg.Definitions, tmp_path: Path) -> None:
    cursor: str | None = None
    for name, runs in (("person.csv", 1), ("person.csv.done", 1)):
        (tmp_path / name).write_text("x")
        _, cursor = look(location, tmp_path, cursor)
        started, cursor = look(location, tmp_path, cursor)
        assert len(started.run_requests or []) == runs


def test_a_fingerprint_tells_no_file_name(tmp_path: Path) -> None:
    (tmp_path / "person.csv").write_text("x")
    before = fingerprint(tmp_path)
    assert len(before) == 64
    (tmp_path / "person.csv").write_text("xy")
    assert fingerprint(tmp_path) != before
