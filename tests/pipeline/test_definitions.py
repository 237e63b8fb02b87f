"""The Dagster code location: what is in it, how it is described, and what starts it."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import dagster as dg
import pytest

from pipelines.commands.dagster_home import bury_killed_runs
from pipelines.definitions import STAGES, defs
from pipelines.defs import calendar
from pipelines.defs.alerts import GO_THROUGH
from pipelines.defs.automation import LAKE_TAG, NIGHTLY, ON_TIME_JOB, RELINK, fingerprint, lake_mark
from pipelines.defs.link import ORACLE
from pipelines.defs.mends import mend_of, with_mend
from pipelines.defs.on_time import ON_TIME
from pipelines.defs.past_days import KEY as PAST_DAY
from pipelines.defs.past_days import STAYED
from pipelines.defs.privacy import told
from pipelines.defs.resources import CountyResource
from pipelines.errors import LakeError
from pipelines.lake import Lake
from pipelines.link.decision_store import decision, record

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
    assert {spec.group_name for spec in specs} == stages | {"deliveries", "reports", "past_days"}


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
    apart = {dg.AssetKey(PAST_DAY), *calendar.keys()}
    assert job.asset_layer.executable_asset_keys == graph.executable_asset_keys - apart
    weekly = location.resolve_job_def(RELINK)
    oracle = dg.AssetCheckKey(dg.AssetKey(["linked", "clusters"]), ORACLE)
    by_the_clock = {key for key in graph.asset_check_keys if key.name in (ON_TIME, GO_THROUGH)}
    not_at_night = {oracle, dg.AssetCheckKey(dg.AssetKey(PAST_DAY), STAYED)} | by_the_clock
    assert set(job.asset_layer.asset_graph.asset_check_keys) == set(graph.asset_check_keys) - not_at_night
    assert set(weekly.asset_layer.asset_graph.asset_check_keys) == {oracle}
    noon = location.resolve_job_def(ON_TIME_JOB)
    assert set(noon.asset_layer.asset_graph.asset_check_keys) == by_the_clock
    assert len(by_the_clock) == 6


def test_assets_that_somebody_chooses_in_the_ui_run_in_one_process_for_the_lake_has_one_writer(
    location: dg.Definitions,
) -> None:
    assert location.resolve_implicit_global_asset_job_def().executor_def is dg.in_process_executor


def test_every_check_says_in_its_description_and_in_its_mend_what_to_do(location: dg.Definitions) -> None:
    graph = location.resolve_asset_graph()
    checks = [graph.get_check_spec(key) for key in graph.asset_check_keys]
    assert len(checks) > 60
    for check in checks:
        assert check.description, check.key
        assert len(mend_of(check.name)) > 30, check.key


def test_a_failed_check_says_what_to_do_and_a_passed_one_does_not() -> None:
    failed = with_mend(dg.AssetCheckResult(check_name="ledger_replays", asset_key=["a", "b"], passed=False))
    assert failed.description == f"To do: {mend_of('ledger_replays')}"
    assert failed.metadata["to_do"].value == mend_of("ledger_replays")
    own = with_mend(dg.AssetCheckResult(check_name="x", asset_key=["a"], passed=False, metadata={"to_do": "ask Ada"}))
    assert own.description == "To do: ask Ada"
    assert with_mend(dg.AssetCheckResult(check_name="x", asset_key=["a"], passed=True)).description is None


@pytest.mark.parametrize(("number", "is_tried_again"), [(errno.EIO, True), (errno.ENOSPC, False)])
def test_a_disk_that_was_away_is_tried_again_and_a_full_one_is_not(number: int, is_tried_again: bool) -> None:
    @told
    def step() -> Iterator[dg.MaterializeResult]:
        raise OSError(number, "x")
        yield

    with pytest.raises(dg.RetryRequested if is_tried_again else OSError):
        list(step())


def test_data_that_are_wrong_are_not_tried_again() -> None:
    @told
    def step() -> Iterator[dg.MaterializeResult]:
        raise LakeError("held")
        yield

    with pytest.raises(dg.Failure) as failure:
        list(step())
    assert not failure.value.allow_retries


def test_every_schedule_keeps_the_hours_of_the_county(location: dg.Definitions) -> None:
    kept = {one.name: (one.cron_schedule, one.execution_timezone) for one in location.schedules or ()}
    assert kept.keys() == {"every_night", "every_week", "every_noon", "every_month", "every_quarter"}
    assert {zone for _, zone in kept.values()} == {"America/Los_Angeles"}
    assert kept["every_quarter"][0] == "0 7 20 1,4,7,10 *"


@pytest.mark.parametrize(
    ("day", "quarter"),
    [("2026-01-20", "2025Q4"), ("2026-03-31", "2025Q4"), ("2026-04-01", "2026Q1"), ("2026-12-31", "2026Q3")],
)
def test_the_quarterly_draft_is_of_the_quarter_that_ended(day: str, quarter: str) -> None:
    assert calendar.last_quarter(date.fromisoformat(day)) == quarter


def test_decisions_start_one_run_once_reviewers_are_done(
    location: dg.Definitions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COUNTYLINK_LAKE", str(tmp_path))
    lake, runs, cursor = Lake(tmp_path), [], None
    noon = datetime(2026, 11, 1, 12, tzinfo=UTC)
    said = decision(("sheriff", "1"), ("health", "2"), "same", "ada", noon, "seen on paper")
    steps: list[Callable[[], object]] = [
        lambda: None,
        lambda: None,
        lambda: record(lake, [said]),
        lambda: None,
        lambda: None,
    ]
    for step in steps:
        step()
        found, cursor = tick(location, "decisions", cursor)
        runs.append(len(found.run_requests or []))
    assert runs == [0, 0, 0, 1, 0]


def test_lateness_starts_the_on_time_checks_when_it_begins_and_not_at_every_look(
    location: dg.Definitions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COUNTYLINK_LAKE", str(tmp_path))
    first, cursor = tick(location, "freshness", None)
    again, _ = tick(location, "freshness", cursor)
    assert (len(first.run_requests or []), len(again.run_requests or [])) == (1, 0)


def tick(location: dg.Definitions, sensor: str, cursor: str | None) -> tuple[dg.SensorResult, str | None]:
    with dg.DagsterInstance.ephemeral() as instance:
        context = dg.build_sensor_context(instance=instance, cursor=cursor)
        return location.resolve_sensor_def(sensor).evaluate_tick(context), context.cursor


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


def test_a_night_buries_the_killed_runs_of_its_own_lake_and_no_living_run_of_another(
    location: dg.Definitions, tmp_path: Path
) -> None:
    job = location.resolve_job_def(NIGHTLY)
    started = dg.DagsterRunStatus.STARTED
    with dg.DagsterInstance.ephemeral() as instance:
        own, other = (
            instance.create_run_for_job(job, status=started, tags={LAKE_TAG: lake_mark(tmp_path / lake)})
            for lake in ("own", "other")
        )
        assert bury_killed_runs(instance, tmp_path / "own") == 1
        statuses = [instance.get_run_by_id(one.run_id) for one in (own, other)]
        assert [one.status for one in statuses if one] == [dg.DagsterRunStatus.FAILURE, started]


def test_every_nightly_run_names_its_lake(
    location: dg.Definitions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert set(location.resolve_job_def(NIGHTLY).tags) >= {LAKE_TAG}
    monkeypatch.setenv("COUNTYLINK_LAKE", str(tmp_path))
    assert defs().resolve_job_def(NIGHTLY).tags[LAKE_TAG] == lake_mark(tmp_path)
