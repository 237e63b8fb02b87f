"""What of the runs is told to people: failed runs, and failed checks by what they are about.

A sensor looks at every run that ended since its last look. A look that cannot send fails, so that it stands red in the
UI, is tried again a minute later, and fails a check at noon.
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg

from pipelines.alerts import AlertSettings, Notice, Sent, load_settings, memory, send
from pipelines.alerts.settings import SETTINGS
from pipelines.defs.mends import mend_of
from pipelines.defs.privacy import told
from pipelines.defs.resources import setting

ENDED = (dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED)

FIRST_LOOK = timedelta(days=1)
"""How far back the first look goes: last night, and not a year of nights."""

LOOK_EVERY_SECONDS = 60

GO_THROUGH = "alerts_go_through"

RELEASE = ["published", "release"]

RUN_FAILED, FAILED_CHECK = "run_failed", "failed_check"


@dataclass(frozen=True)
class Seen:
    """What a look at the runs saw: troubles, everything that was looked at, and up to when."""

    notices: tuple[Notice, ...]
    looked_at: frozenset[str]
    until: datetime


def alerts_folder() -> Path:
    """Where it is remembered what was told: beside the zones; it holds names of checks and agencies, and times."""
    return Path(setting("COUNTYLINK_LAKE")) / "alerts"


def alert_settings() -> AlertSettings:
    """The settings of the county; `COUNTYLINK_ALERTS` names another file."""
    return load_settings(Path(os.environ.get("COUNTYLINK_ALERTS") or SETTINGS))


def look(instance: dg.DagsterInstance, settings: AlertSettings, since: datetime) -> Seen:
    """Everything that ended since, oldest first: a later run's word on a check counts."""
    records = instance.get_run_records(dg.RunsFilter(statuses=list(ENDED), updated_after=since), ascending=True)
    troubles: dict[str, Notice | None] = {}
    for record in records:
        for subject, notice in _told_by(instance, settings, record.dagster_run):
            troubles[subject] = notice
    return Seen(
        notices=tuple(one for one in troubles.values() if one is not None),
        looked_at=frozenset(troubles),
        until=max((record.update_timestamp for record in records), default=since),
    )


def _told_by(
    instance: dg.DagsterInstance, settings: AlertSettings, run: dg.DagsterRun
) -> Iterator[tuple[str, Notice | None]]:
    """What one run says: of itself, and of each check that it made."""
    subject = f"the job {run.job_name}"
    failed = run.status != dg.DagsterRunStatus.SUCCESS
    yield subject, Notice(RUN_FAILED, subject, settings.mends[RUN_FAILED], run.run_id) if failed else None
    made = instance.get_records_for_run(run.run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION).records
    for record in made:
        event = record.event_log_entry.dagster_event
        assert event is not None
        check = event.asset_check_evaluation_data
        about = f"{check.check_name} of {check.asset_key.to_user_string()}"
        is_severe = check.severity == dg.AssetCheckSeverity.ERROR
        kind = settings.kind_of_check.get(check.check_name, FAILED_CHECK if is_severe else "")
        is_trouble = bool(kind) and not check.passed
        yield about, Notice(kind, about, mend_of(check.check_name), run.run_id) if is_trouble else None


def look_and_send(instance: dg.DagsterInstance, since: datetime, now: datetime) -> tuple[Seen, Sent]:
    """One look: tell what is new; raises AlertError if somebody could not be told."""
    settings = alert_settings()
    seen = look(instance, settings, since)
    return seen, send(settings, alerts_folder(), seen.notices, now, seen.looked_at)


def go_through(folder: Path) -> dg.AssetCheckResult:
    """The last alert reached everybody whom it should."""
    failure = memory.load(folder).failure
    return dg.AssetCheckResult(
        check_name=GO_THROUGH,
        asset_key=RELEASE,
        passed=not failure,
        metadata={"failure": failure} if failure else {},
    )


def go_through_key() -> dg.AssetCheckKey:
    """The check's key, for the noon job."""
    return dg.AssetCheckKey(dg.AssetKey(RELEASE), GO_THROUGH)


@dg.definitions
def defs() -> dg.Definitions:
    """The sensor that tells, and the check that it did."""

    @dg.sensor(
        name="alerts",
        minimum_interval_seconds=LOOK_EVERY_SECONDS,
        description="Tells by mail and webhook of failed runs, held deliveries and releases, late data and failed "
        "checks (deployment/alerts.yaml). A failed tick is an alert that did not go through.",
    )
    def alerts(context: dg.SensorEvaluationContext) -> dg.SkipReason:
        now = datetime.now(UTC)
        since = datetime.fromisoformat(context.cursor) if context.cursor else now - FIRST_LOOK
        seen, sent = look_and_send(context.instance, since, now)
        if not sent.withheld or not alert_settings().tells_anybody:  # else what had no place is told by a later look
            context.update_cursor(seen.until.isoformat())
        return dg.SkipReason(_said(seen.notices, sent))

    @dg.multi_asset_check(
        name="alerts_went",
        specs=[
            dg.AssetCheckSpec(
                GO_THROUGH,
                asset=RELEASE,
                description="The last alert reached everybody. If not: mend what it names, `countylink alerts test`.",
            )
        ],
    )
    @told
    def alerts_went() -> Iterator[dg.AssetCheckResult]:
        yield go_through(alerts_folder())

    return dg.Definitions(sensors=[alerts], asset_checks=[alerts_went])


def _said(notices: Sequence[Notice], sent: Sent) -> str:
    if not notices:
        return "nothing is in trouble"
    return f"{len(notices)} in trouble: {sent.told} told now, {sent.known} told before, {sent.withheld} not told"
