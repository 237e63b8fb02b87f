"""What starts a run besides the clock and a delivery: a reviewer's decision, and a day that is late."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition

from pipelines.defs.ingest import county_contracts
from pipelines.defs.on_time import late_tables
from pipelines.defs.resources import setting
from pipelines.lake import Lake
from pipelines.link.decision_store import store_folder
from pipelines.validate import accepted_deliveries

DECISIONS_EVERY_SECONDS = 600
"""Reviewers decide for an hour at a time: a run for each decision would be a run a minute."""

LATENESS_EVERY_SECONDS = 900


def the_lake() -> Lake:
    """The lake to look at; a sensor takes no lock, for it reads what is written whole."""
    return Lake(Path(setting("COUNTYLINK_LAKE")))


def decided(lake: Lake) -> str:
    """A fingerprint of every batch of decisions: their names, for a batch is written once. No batch is opened."""
    names = sorted(path.name for path in store_folder(lake).glob("[0-9]*"))
    return hashlib.sha256("\n".join(names).encode()).hexdigest()


def decisions_sensor(nightly: UnresolvedAssetJobDefinition) -> dg.SensorDefinition:
    """Run the nightly job once decisions have changed and then stayed the same for one look."""

    @dg.sensor(
        name="decisions",
        job=nightly,
        minimum_interval_seconds=DECISIONS_EVERY_SECONDS,
        description="Runs the nightly job once decisions have changed and then stayed the same for one look.",
    )
    def decisions(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        seen, _, started = (context.cursor or "").partition(" ")
        now = decided(the_lake())
        if not context.cursor:  # what was decided before the first look is in the last night already
            context.update_cursor(f"{now} {now}")
            return dg.SkipReason("first look: decisions from here on start a run")
        if now == started:
            return dg.SkipReason("nobody decided since the last run")
        if now != seen:
            context.update_cursor(f"{now} {started}")
            return dg.SkipReason("reviewers are still deciding")
        context.update_cursor(f"{now} {now}")
        return dg.RunRequest(run_key=f"decisions {now}")

    return decisions


def freshness_sensor(on_time: UnresolvedAssetJobDefinition) -> dg.SensorDefinition:
    """Ask whether deliveries are on time as soon as one is late by its own contract, and again once none is."""

    @dg.sensor(
        name="freshness",
        job=on_time,
        minimum_interval_seconds=LATENESS_EVERY_SECONDS,
        description="Runs the on-time checks as soon as an agency's table is late by its own contract, or came after "
        "all: lateness is known by the quarter of an hour, not by noon.",
    )
    def freshness(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        contracts, accepted = county_contracts(), accepted_deliveries(the_lake())
        late = {
            f"{agency}.{table}"
            for agency in contracts.agencies
            for table in late_tables(contracts.of(agency), accepted, datetime.now(UTC))
        }
        now = hashlib.sha256("\n".join(sorted(late)).encode()).hexdigest()
        if context.cursor == now:
            return dg.SkipReason(f"{len(late)} tables are late, as at the last look")
        context.update_cursor(now)
        return dg.RunRequest(run_key=f"late {now} {datetime.now(UTC):%Y-%m-%d %H:%M}")

    return freshness
