"""What of the runs is told: failed runs, and failed checks by what they are about; and that a silent wire is seen."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest
from click.testing import CliRunner

from pipelines.alerts import load_settings
from pipelines.commands.alerts import alerts
from pipelines.definitions import defs
from pipelines.defs.alerts import go_through, look
from pipelines.places import SHIPPED

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
SETTINGS = SHIPPED / "deployment" / "alerts.yaml"
SECRET = "Quolmstrandx"


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as made:
        yield made


def night(instance: dg.DagsterInstance, held: bool, severe: bool = True, fails: bool = False) -> None:
    """A run with a check of held deliveries and one of drift, and perhaps a step that fails."""
    key = ["deliveries", "sheriff"]
    names = ("no_delivery_is_held", "ledger_replays", "links_by_weight_is_steady")

    @dg.asset(key=key, check_specs=[dg.AssetCheckSpec(name, asset=key) for name in names])
    def deliveries() -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
        yield dg.MaterializeResult(asset_key=key)
        severity = dg.AssetCheckSeverity.ERROR if severe else dg.AssetCheckSeverity.WARN
        for name, passed in zip(names, (not held, not held, True), strict=True):
            metadata = {"file": f"{SECRET}.csv"}
            yield dg.AssetCheckResult(check_name=name, passed=passed, severity=severity, metadata=metadata)
        if fails:
            raise ValueError(SECRET)

    dg.materialize([deliveries], instance=instance, raise_on_error=False)


def told(instance: dg.DagsterInstance) -> list[tuple[str, str]]:
    seen = look(instance, load_settings(SETTINGS), LONG_AGO)
    assert SECRET not in str(seen)
    return sorted((one.kind, one.subject.partition(" of ")[0]) for one in seen.notices)


def test_a_good_night_is_not_told(instance: dg.DagsterInstance) -> None:
    night(instance, held=False)
    assert told(instance) == []


def test_a_held_delivery_a_failed_check_and_a_failed_run_are_told_by_their_kind(instance: dg.DagsterInstance) -> None:
    night(instance, held=True, fails=True)
    kinds = [kind for kind, _ in told(instance)]
    assert kinds == ["failed_check", "held_delivery", "run_failed"]


def test_a_warning_is_told_only_of_what_somebody_waits_for(instance: dg.DagsterInstance) -> None:
    night(instance, held=True, severe=False)
    assert told(instance) == [("held_delivery", "no_delivery_is_held")]


def test_what_a_later_night_mended_is_not_told(instance: dg.DagsterInstance) -> None:
    night(instance, held=True, fails=True)
    night(instance, held=False)
    assert told(instance) == []


def test_what_ended_before_the_last_look_is_not_looked_at_again(instance: dg.DagsterInstance) -> None:
    night(instance, held=True)
    later = datetime.now(UTC) + timedelta(seconds=5)
    assert look(instance, load_settings(SETTINGS), later).notices == ()


def test_an_alert_that_nobody_takes_fails_the_tick_keeps_the_cursor_and_fails_the_noon_check(
    instance: dg.DagsterInstance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    silent = SETTINGS.read_text().replace("webhooks: []", "webhooks: [{url: 'http://127.0.0.1:9/x'}]")
    (tmp_path / "alerts.yaml").write_text(silent)
    monkeypatch.setenv("COUNTYLINK_ALERTS", str(tmp_path / "alerts.yaml"))
    monkeypatch.setenv("COUNTYLINK_LAKE", str(tmp_path))
    night(instance, held=True)
    context = dg.build_sensor_context(instance=instance)
    with pytest.raises(Exception, match="was not reached"):
        defs().resolve_sensor_def("alerts").evaluate_tick(context)
    assert context.cursor is None
    failed = go_through(tmp_path / "alerts")
    assert not failed.passed
    assert "127.0.0.1:9 was not reached" in str(failed.metadata["failure"].value)


def test_the_wires_that_the_command_tries_are_those_that_the_sensor_tells_by(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stated = tmp_path / "of_this_machine.yaml"
    stated.write_text(SETTINGS.read_text().replace("webhooks: []", "webhooks: [{url: 'http://127.0.0.1:9/x'}]"))
    monkeypatch.setenv("COUNTYLINK_ALERTS", str(stated))
    tried = CliRunner().invoke(alerts, ["test"])
    assert "127.0.0.1:9 was not reached" in f"{tried.output}{tried.exception}"
