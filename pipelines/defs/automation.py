"""What starts a run: the night, and a delivery that came."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import dagster as dg

from pipelines.defs.link import ORACLE
from pipelines.defs.resources import CountyResource

NIGHTLY = "nightly"

RUN_AT = "0 3 * * *"
"""After the agencies' extracts are due (contracts: by 02:00 local time), before the offices open."""

RELINK = "weekly_relink"

RELINK_AT = "0 5 * * 0"
"""Sundays after the night: everything is scored anew, and must come to what the nights came to."""

TIMEZONE = "America/Los_Angeles"

LOOK_EVERY_SECONDS = 300


NOTHING = hashlib.sha256().hexdigest()
"""The fingerprint of a landing folder without a file."""


def fingerprint(landing: Path) -> str:
    """A landing folder's file names, sizes and times as one hash; no name leaves it, and no file is opened."""
    digest = hashlib.sha256()
    for path in sorted(path for path in landing.rglob("*") if path.is_file()):
        facts = path.stat()
        digest.update(f"{path.relative_to(landing).as_posix()}\0{facts.st_size}\0{facts.st_mtime_ns}\n".encode())
    return digest.hexdigest()


@dg.definitions
def defs() -> dg.Definitions:
    """The nightly job, its schedule, and the sensor of deliveries."""
    oracle = dg.AssetSelection.checks(dg.AssetCheckKey(dg.AssetKey(["linked", "clusters"]), ORACLE))
    nightly = dg.define_asset_job(
        NIGHTLY,
        selection=(dg.AssetSelection.all() | dg.AssetSelection.all_asset_checks()) - oracle,
        executor_def=dg.in_process_executor,  # a step is seconds; starting a process for each is more
        description="Take what was delivered, link it, measure it, publish a release if anything changed.",
    )

    relink = dg.define_asset_job(
        RELINK,
        selection=oracle,
        executor_def=dg.in_process_executor,
        description="Score everything anew with the pinned model, and compare with what the nights came to.",
    )

    @dg.sensor(
        name="deliveries",
        job=nightly,
        minimum_interval_seconds=LOOK_EVERY_SECONDS,
        description="Runs the nightly job once the landing folder has changed and then stayed the same for one look.",
    )
    def deliveries(
        context: dg.SensorEvaluationContext, county: CountyResource
    ) -> Iterator[dg.RunRequest | dg.SkipReason]:
        seen, _, started = (context.cursor or "").partition(" ")
        now = fingerprint(Path(county.landing))
        if now in (started, NOTHING):
            yield dg.SkipReason("nothing was delivered since the last run")
        elif now != seen:
            context.update_cursor(f"{now} {started}")
            yield dg.SkipReason("the landing folder is still changing")
        else:
            context.update_cursor(f"{now} {now}")
            yield dg.RunRequest(run_key=now)

    schedule = dg.ScheduleDefinition(
        name="every_night",
        job=nightly,
        cron_schedule=RUN_AT,
        execution_timezone=TIMEZONE,
        description="The nightly run.",
    )
    every_week = dg.ScheduleDefinition(
        name="every_week",
        job=relink,
        cron_schedule=RELINK_AT,
        execution_timezone=TIMEZONE,
        description="The weekly comparison with a full run.",
    )
    return dg.Definitions(jobs=[nightly, relink], schedules=[schedule, every_week], sensors=[deliveries])
