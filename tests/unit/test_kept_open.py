"""Dagster's databases stay open while a run lasts, and hold what Dagster's own storage would have written."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import dagster as dg
import pytest
import yaml

from pipelines.commands import kept_open
from pipelines.commands.dagster_home import instance_at, prepare
from pipelines.places import SHIPPED

KEY = dg.AssetKey("counted")


@dg.asset(key=KEY, check_specs=[dg.AssetCheckSpec("is_small", asset=KEY)])
def counted() -> dg.MaterializeResult:
    return dg.MaterializeResult(
        metadata={"rows": 3}, tags={"zone": "raw"}, check_results=[dg.AssetCheckResult(passed=True)]
    )


def run(home: Path) -> str:
    with instance_at(home) as instance:
        return dg.materialize([counted], instance=instance).run_id


def rows(database: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute(query).fetchall()


def test_dagsters_own_storage_reads_what_was_kept(tmp_path: Path) -> None:
    run_id = run(tmp_path)
    with dg.DagsterInstance.from_config(str(tmp_path)) as instance:
        assert type(instance.event_log_storage).__name__ == "SqliteEventLogStorage"
        assert instance.get_run_by_id(run_id).status == dg.DagsterRunStatus.SUCCESS
        event = instance.get_latest_materialization_event(KEY)
        assert event.asset_materialization.metadata["rows"].value == 3
        check = dg.AssetCheckKey(KEY, "is_small")
        latest = instance.event_log_storage.get_latest_asset_check_execution_by_key([check])
        assert latest[check].status.value == "SUCCEEDED"


def test_the_same_events_are_written_as_by_dagster_itself(tmp_path: Path) -> None:
    kept, own = tmp_path / "kept", tmp_path / "own"
    kept_run = run(kept)
    with dg.DagsterInstance.from_config(str(prepare(own))) as instance:
        own_run = dg.materialize([counted], instance=instance).run_id
    for shards in ((kept_run, own_run), ("index", "index")):
        found = [
            rows(home / "history" / "runs" / f"{shard}.db",
                 "select dagster_event_type, step_key, asset_key from event_logs order by id")
            for home, shard in zip((kept, own), shards, strict=True)
        ]  # fmt: skip
        assert found[0] == found[1]
    tags = [
        rows(
            home / "history/runs/index.db",
            "select event_id, asset_key, key from asset_event_tags order by event_id, key",
        )
        for home in (kept, own)
    ]
    assert tags[0] == tags[1]


def test_a_run_of_the_command_line_is_of_the_code_location_that_the_ui_loads(tmp_path: Path) -> None:
    run_id = run(tmp_path)
    (location,) = yaml.safe_load((SHIPPED / "workspace.yaml").read_text())["load_from"]
    with dg.DagsterInstance.from_config(str(tmp_path)) as instance:
        found = instance.get_run_by_id(run_id)
        of_the_code_location = {".dagster/repository": f"__repository__@{location['python_module']['location_name']}"}
        assert [one.run_id for one in instance.get_runs(dg.RunsFilter(tags=of_the_code_location))] == [run_id]
    assert found.remote_job_origin.location_name == location["python_module"]["location_name"]
    assert found.remote_job_origin.job_name == found.job_name


def test_a_database_is_opened_once_a_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    own = kept_open._engine
    monkeypatch.setattr(kept_open, "_engine", lambda address: (opened.append(address), own(address))[1])
    run_id = run(tmp_path)
    assert sorted(Path(one).name for one in opened) == sorted(["runs.db", "index.db", f"{run_id}.db"])


def test_nothing_is_left_open_after_a_run(tmp_path: Path) -> None:
    run(tmp_path)
    assert not [path.name for path in tmp_path.rglob("*") if path.name.endswith(("-wal", "-shm"))]


def test_another_storage_that_is_configured_stays(tmp_path: Path) -> None:
    stated = prepare(tmp_path) / "dagster.yaml"
    stated.write_text(stated.read_text() + f"storage:\n  sqlite:\n    base_dir: {tmp_path / 'elsewhere'}\n")
    run_id = run(tmp_path)
    assert (tmp_path / "elsewhere" / "history" / "runs" / f"{run_id}.db").exists()
