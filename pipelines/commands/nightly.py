"""Run the nightly job in this process, and say what came of it."""

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import dagster as dg

from pipelines.commands.dagster_home import bury_killed_runs, instance_at
from pipelines.commands.progress import Say, progress_logger
from pipelines.commands.run_records import kept_record
from pipelines.commands.summary import RunSummary, failed_summary, summarise
from pipelines.defs import privacy
from pipelines.defs.automation import NIGHTLY
from pipelines.defs.locking import sole_writer
from pipelines.lake import Lake
from pipelines.operations.disk import refuse_full_disk


@dataclass(frozen=True)
class RunSettings:
    """Where a run finds things; empty texts stand for the shipped defaults."""

    lake: Path
    landing: Path
    contracts: Path
    outcome_contracts: str = ""
    bundle: str = ""
    as_of: str = ""
    engine: str = ""
    spark_master: str = ""
    settle_seconds: float = 0.0
    reads_all: bool = False
    home: Path | None = None

    @property
    def dagster_home(self) -> Path:
        """Where the run is recorded."""
        return self.home or Path(os.environ.get("DAGSTER_HOME") or self.lake / "dagster")

    def environment(self) -> Mapping[str, str]:
        """The settings as the code location reads them."""
        return {
            "COUNTYLINK_LAKE": str(self.lake.resolve()),
            "COUNTYLINK_LANDING": str(self.landing.resolve()),
            "COUNTYLINK_CONTRACTS": str(self.contracts.resolve()),
            "COUNTYLINK_OUTCOME_CONTRACTS": self.outcome_contracts,
            "COUNTYLINK_BUNDLE": self.bundle,
            "COUNTYLINK_AS_OF": self.as_of,
            "COUNTYLINK_ENGINE": self.engine,
            "COUNTYLINK_SPARK_MASTER": self.spark_master,
            "COUNTYLINK_SETTLE_SECONDS": str(self.settle_seconds),
            "COUNTYLINK_READ_ALL": "yes" if self.reads_all else "",
        }


def run_nightly(settings: RunSettings, say: Say) -> RunSummary:
    """Run the same job that the schedule runs; the lake is locked while it lasts.

    Raises:
        CountylinkError: the lake is locked by another run or in another form, its disk is nearly full, or a contract is
            not well formed.
    """
    privacy.guard()
    began = time.monotonic()
    lake = Lake(settings.lake.resolve())
    with (
        _environment(settings.environment()),
        sole_writer(lake.root),
        kept_record(),
        instance_at(settings.dagster_home) as instance,
    ):
        refuse_full_disk(lake)
        if buried := bury_killed_runs(instance, lake.root):
            say(f"  {buried} killed run taken up")
        result = _job(say).execute_in_process(
            instance=instance, raise_on_error=False, run_config={"loggers": {"progress": {}}}
        )
        seconds = round(time.monotonic() - began, 1)
        return summarise(lake, result, seconds) if result.success else failed_summary(lake, result, seconds)


@contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    """Set variables of this process for a while: the code location reads its settings there, as under the daemon."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _job(say: Say) -> dg.JobDefinition:
    from pipelines.definitions import defs  # after the environment is set: the assets are compiled from the contracts

    definitions = dg.Definitions.merge(defs(), dg.Definitions(loggers={"progress": progress_logger(say)}))
    return definitions.resolve_job_def(NIGHTLY)
