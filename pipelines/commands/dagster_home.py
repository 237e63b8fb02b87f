"""The Dagster instance that a run is written into: `$DAGSTER_HOME`, else `<lake>/dagster`."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
from dagster._core.instance.ref import InstanceRef
from dagster._core.storage.sqlite_storage import DagsterSqliteStorage
from dagster._serdes import ConfigurableClassData

from pipelines.commands.kept_open import KeptOpenStorage
from pipelines.defs.automation import LAKE_TAG, NIGHTLY, lake_mark
from pipelines.lake import replacing
from pipelines.places import COUNTY

CONFIGURATION = COUNTY / "deployment" / "dagster.yaml"

UNFINISHED = (
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.CANCELING,
)
"""States of a run that a living process would still change."""


def prepare(home: Path) -> Path:
    """Make a Dagster home that keeps nothing a step prints; a configuration that is there already stays."""
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    target = home / "dagster.yaml"
    if not target.exists():
        with replacing(target) as staged:
            staged.write_bytes(CONFIGURATION.read_bytes())
    return home


@contextmanager
def instance_at(home: Path) -> Iterator[dg.DagsterInstance]:
    """The instance of a Dagster home, closed at the end; where its databases are SQLite's, they stay open till then."""
    stated = InstanceRef.from_dir(str(prepare(home).resolve()))
    default = stated.storage_data
    if default is not None and default.class_name == DagsterSqliteStorage.__name__:
        kept = ConfigurableClassData(KeptOpenStorage.__module__, KeptOpenStorage.__name__, default.config_yaml)
        stated = stated._replace(storage_data=kept)
    with dg.DagsterInstance.from_ref(stated) as instance:
        yield instance


def bury_killed_runs(instance: dg.DagsterInstance, lake: Path) -> int:
    """Mark as failed the nightly runs of a lake that a killed process left as started; returns how many.

    Only the holder of the lake's lock may call this: then no such run can be alive. A run of another lake may be, for
    its lock is another; one without a lake's tag is from before there was any.
    """
    left = [
        run
        for run in instance.get_runs(dg.RunsFilter(job_name=NIGHTLY, statuses=list(UNFINISHED)))
        if run.tags.get(LAKE_TAG) in (None, lake_mark(lake))
    ]
    for run in left:
        instance.report_run_failed(run, "its process was killed; the next run takes up its work")
    return len(left)
