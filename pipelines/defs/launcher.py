"""Notices that a run's process is gone when the code server that started it went with it: power, memory, a restart.

A code server tells of runs whose process dies while it lives. Of those of the one before it knows nothing, and
Dagster's own launcher does not ask: such a run stays "started" until its four hours are over, and the queue, which lets
one run in at a time, waits as long. This launcher lets the daemon's run monitoring ask the code server what it runs.

Belongs here: whether a run's process is there. Does not belong here: what becomes of the run (`run_retries`).
"""

from __future__ import annotations

import json
import time
from typing import Any

from dagster import DagsterRun
from dagster._core.errors import DagsterUserCodeUnreachableError
from dagster._core.launcher.base import CheckRunHealthResult, WorkerStatus
from dagster._core.launcher.default_run_launcher import DefaultRunLauncher
from dagster._core.storage.tags import GRPC_INFO_TAG
from dagster._grpc.client import DagsterGrpcClient
from dagster._grpc.types import GetCurrentRunsResult
from dagster._serdes import deserialize_value

SETTLE_SECONDS = 90.0
"""How long a code server must have answered before a run that it does not know is given up. The daemon looks for code
every 60 seconds, and a run that fails before the daemon has found the new code server is never started once more."""


class WatchedRunLauncher(DefaultRunLauncher):
    """Starts runs as Dagster's own launcher does, as children of the code server; can be asked whether they live."""

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        self._missed_since: dict[str, float] = {}
        """Run → since when a code server that answers has not known it."""

    @property
    def supports_check_run_worker_health(self) -> bool:
        """Yes: run monitoring asks."""
        return True

    def check_run_worker_health(self, run: DagsterRun) -> CheckRunHealthResult:
        """Whether the code server has a run's process; a code server that does not answer is waited for.

        Run monitoring marks as failed whatever is not said to be running, so what cannot be known counts as running:
        a run that outlives its time is still ended by `max_runtime_seconds`.
        """
        if GRPC_INFO_TAG not in run.tags:
            return CheckRunHealthResult(WorkerStatus.RUNNING, "it names no code server")
        try:
            is_known = run.run_id in _runs_of(json.loads(run.tags[GRPC_INFO_TAG]))
        except DagsterUserCodeUnreachableError:
            is_known = True
        if is_known:
            self._missed_since.pop(run.run_id, None)
            return CheckRunHealthResult(WorkerStatus.RUNNING)
        now = time.monotonic()
        if now - self._missed_since.setdefault(run.run_id, now) < SETTLE_SECONDS:
            return CheckRunHealthResult(
                WorkerStatus.RUNNING, "its process is gone, and the code server has just come back"
            )
        return CheckRunHealthResult(WorkerStatus.NOT_FOUND, "its process ended with the code server that started it")


def _runs_of(server: Any) -> frozenset[str]:
    """Ids of the runs that a code server has processes for; it is named as Dagster notes it at a run."""
    client = DagsterGrpcClient(
        host=server.get("host"),
        port=server.get("port"),
        socket=server.get("socket"),
        use_ssl=bool(server.get("use_ssl")),
    )
    return frozenset(deserialize_value(client.get_current_runs(), GetCurrentRunsResult).current_runs)
