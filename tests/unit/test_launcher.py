"""Run monitoring is told that a run's process is gone, and never because it could not ask."""

from __future__ import annotations

import importlib
import json
import socket

import pytest
import yaml
from dagster import DagsterRun
from dagster._core.launcher.base import WorkerStatus
from dagster._core.storage.tags import GRPC_INFO_TAG

from pipelines.defs import launcher
from pipelines.defs.launcher import WatchedRunLauncher
from tests.pipeline.counties import CHECKOUT


def run_at(port: int) -> DagsterRun:
    return DagsterRun("nightly", tags={GRPC_INFO_TAG: json.dumps({"host": "127.0.0.1", "port": port})})


def test_the_production_shape_starts_runs_with_it() -> None:
    told = yaml.safe_load((CHECKOUT / "deployment/production/dagster.yaml").read_text())["run_launcher"]
    chosen = getattr(importlib.import_module(told["module"]), told["class"])
    assert chosen is WatchedRunLauncher
    assert chosen().supports_check_run_worker_health


def test_a_run_that_the_code_server_has_is_running_and_one_that_it_has_not_is_gone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    alive, gone = run_at(4266), run_at(4266)
    monkeypatch.setattr(launcher, "_runs_of", lambda server: {alive.run_id} if server["port"] == 4266 else set())
    monkeypatch.setattr(launcher, "SETTLE_SECONDS", 0.0)
    asked = WatchedRunLauncher().check_run_worker_health
    assert asked(alive).status is WorkerStatus.RUNNING
    assert asked(gone).status is WorkerStatus.NOT_FOUND


def test_a_run_is_not_given_up_before_the_daemon_can_have_found_the_new_code_server(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now, known = [1000.0], [set[str]()]
    monkeypatch.setattr(launcher, "_runs_of", lambda server: known[0])
    monkeypatch.setattr(launcher.time, "monotonic", lambda: now[0])
    run, asked = run_at(4266), WatchedRunLauncher().check_run_worker_health

    def told(seconds: float) -> WorkerStatus:
        now[0] += seconds
        return asked(run).status

    assert [told(0), told(89), told(1)] == [WorkerStatus.RUNNING, WorkerStatus.RUNNING, WorkerStatus.NOT_FOUND]
    known[0] = {run.run_id}
    assert told(0) is WorkerStatus.RUNNING
    known[0] = set()
    assert told(0) is WorkerStatus.RUNNING


def test_a_code_server_that_does_not_answer_is_waited_for() -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # bound, and never listened to
        told = WatchedRunLauncher().check_run_worker_health(run_at(nobody.getsockname()[1]))
    assert told.status is WorkerStatus.RUNNING


def test_a_run_that_names_no_code_server_is_left_alone() -> None:
    assert WatchedRunLauncher().check_run_worker_health(DagsterRun("nightly")).status is WorkerStatus.RUNNING
