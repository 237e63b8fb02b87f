"""What starts a run: the night, and a delivery that came."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import dagster as dg

from pipelines.defs import calendar, past_days
from pipelines.defs.alerts import go_through_key
from pipelines.defs.ingest import READS_ALL, county_contracts
from pipelines.defs.link import ORACLE
from pipelines.defs.on_time import on_time_checks, on_time_keys
from pipelines.defs.resources import CountyResource, setting
from pipelines.defs.sensors import decisions_sensor, freshness_sensor
from pipelines.ingest.landing import UNFINISHED
from pipelines.places import county_terms

NIGHTLY = "nightly"

LAKE_TAG = "countylink/lake"
"""Tag of a nightly run: whose lake it writes to. Two lakes may be written into one Dagster home (a drill, a trial)."""

RUN_AT = "0 3 * * *"
"""After the agencies' extracts are due (contracts: by 02:00 local time), before the offices open."""

RELINK = "weekly_relink"

RELINK_AT = "0 5 * * 0"
"""Sundays after the night: everything is scored anew, and must come to what the nights came to."""

TIMEZONE = str(county_terms()["timezone"])
"""The county's, from `countylink.yaml`."""

SUNDAY = 6

LOOK_EVERY_SECONDS = 300


ON_TIME_JOB = "noon_on_time"

ON_TIME_AT = "15 12 * * *"
"""Just after the shortest service level of the shipped contracts, 36 hours after the end of the as-of date."""

NOTHING = hashlib.sha256().hexdigest()
"""The fingerprint of a landing folder without a complete file."""


def lake_mark(lake: Path) -> str:
    """A lake's place as a short hash: a tag tells no path."""
    return hashlib.sha256(str(lake.resolve()).encode()).hexdigest()[:16]


def fingerprint(landing: Path) -> str:
    """A landing folder's file names, sizes and times as one hash; no name leaves it, and no file is opened.

    A delivery in which a file is still being written takes no part: it starts no run, and keeps none from starting. A
    `.done` marker or a checksum that comes later is a file like any other, so it starts the run that waited for it.
    """
    digest = hashlib.sha256()
    for path in sorted(path for path in landing.rglob("*") if path.is_file()):
        inside = path.relative_to(landing)
        if not _is_unfinished(landing.joinpath(*inside.parts[:2])):
            facts = path.stat()
            told = f"{inside.as_posix()}\0{facts.st_size}\0{facts.st_mtime_ns}\n"
            digest.update(told.encode(errors="surrogateescape"))  # a sender's system may not write names as UTF-8
    return digest.hexdigest()


def _is_unfinished(entry: Path) -> bool:
    """Whether an agency's delivery, or a file in it, still has a name of one that is being written."""
    inside = entry.iterdir() if entry.is_dir() and not entry.is_symlink() else ()
    return any(path.name.endswith(UNFINISHED) for path in (entry, *inside))


@dg.definitions
def defs() -> dg.Definitions:
    """The nightly job, its schedule, and the sensor of deliveries."""
    oracle = dg.AssetSelection.checks(dg.AssetCheckKey(dg.AssetKey(["linked", "clusters"]), ORACLE))
    past = dg.AssetSelection.assets(dg.AssetKey(past_days.KEY))
    past_checks = dg.AssetSelection.checks_for_assets(dg.AssetKey(past_days.KEY))
    by_the_calendar = dg.AssetSelection.assets(*calendar.keys()) | past | past_checks
    contracts = county_contracts()
    by_the_clock = dg.AssetSelection.checks(*on_time_keys(contracts), go_through_key())
    every = dg.AssetSelection.all() | dg.AssetSelection.all_asset_checks()
    nightly = dg.define_asset_job(
        NIGHTLY,
        selection=every - oracle - by_the_clock - by_the_calendar,
        executor_def=dg.in_process_executor,  # a step is seconds; starting a process for each is more
        description="Take what was delivered, link it, measure it, publish a release if anything changed.",
        tags={LAKE_TAG: lake_mark(Path(setting("COUNTYLINK_LAKE")))},
    )

    relink = dg.define_asset_job(
        RELINK,
        selection=oracle,
        executor_def=dg.in_process_executor,
        description="Score everything anew with the pinned model, and compare with what the nights came to.",
    )

    on_time = dg.define_asset_job(
        ON_TIME_JOB,
        selection=by_the_clock,
        executor_def=dg.in_process_executor,
        description="Ask whether every agency delivered by the hour of its contracts, and whether alerts go through.",
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

    @dg.schedule(
        name="every_night",
        job=nightly,
        cron_schedule=RUN_AT,
        execution_timezone=TIMEZONE,
        description="The nightly run; on Sundays it reads every delivered file again, whether it changed or not.",
    )
    def every_night(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
        night = context.scheduled_execution_time
        return dg.RunRequest(tags={READS_ALL: "yes"} if night.weekday() == SUNDAY else {})

    every_week = dg.ScheduleDefinition(
        name="every_week",
        job=relink,
        cron_schedule=RELINK_AT,
        execution_timezone=TIMEZONE,
        description="The weekly comparison with a full run.",
    )
    every_noon = dg.ScheduleDefinition(
        name="every_noon",
        job=on_time,
        cron_schedule=ON_TIME_AT,
        execution_timezone=TIMEZONE,
        description="Whether what should have come by now has come.",
    )
    drawn_anew = dg.AutomationConditionSensorDefinition(
        name="drawn_anew",
        target=dg.AssetSelection.assets(*calendar.keys()),
        description="Draws the pages again once a release was made (automation condition: eager).",
    )
    return dg.Definitions(
        asset_checks=[on_time_checks(contracts)],
        jobs=[nightly, relink, on_time],
        schedules=[every_night, every_week, every_noon],
        sensors=[deliveries, decisions_sensor(nightly), freshness_sensor(on_time), drawn_anew],
    )
