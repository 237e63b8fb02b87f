"""`countylink alerts`: tell people what waits for them, try the wires, and see what was told."""

from datetime import UTC, datetime
from pathlib import Path

import click

from pipelines.commands.options import EXISTING, EXISTING_FILE, LAKE

SETTINGS_FILE = click.option(
    "--settings",
    "path",
    type=EXISTING_FILE,
    envvar="COUNTYLINK_ALERTS",
    help="Default: what COUNTYLINK_ALERTS names, as the sensor takes it, else the county's alerts.yaml.",
)


@click.group()
def alerts() -> None:
    """Alerts by mail and webhook (deployment/alerts.yaml)."""


@alerts.command("test")
@SETTINGS_FILE
def try_wires(path: Path | None) -> None:
    """Send a message that says that it is a test, over every wire; exit code 1 if one does not take it."""
    from pipelines.alerts import load_settings
    from pipelines.alerts.notice import Message
    from pipelines.alerts.sending import over_every_wire
    from pipelines.alerts.settings import SETTINGS

    settings = load_settings(path or SETTINGS)
    if not settings.tells_anybody:
        raise click.ClickException(f"nobody is told yet: fill in mail or webhooks in {path or SETTINGS}")
    title = "Countylink: this is a test"
    over_every_wire(settings, Message(title, "Alerts of Countylink arrive here.\n", {"title": title, "alerts": []}))
    click.echo(f"sent over {len(settings.webhooks) + (settings.mail is not None)} wires")


@alerts.command("look")
@LAKE
@click.option("--home", type=EXISTING, help="Dagster home of the runs; default: LAKE/dagster.")
@click.option("--hours", default=24, show_default=True, type=click.IntRange(1), help="How far back to look.")
@SETTINGS_FILE
def look_once(root: Path, home: Path | None, hours: int, path: Path | None) -> None:
    """Do once what the sensor does, where no daemon runs: after `countylink run` in a crontab."""
    from datetime import timedelta

    from pipelines.alerts import load_settings, send
    from pipelines.alerts.settings import SETTINGS
    from pipelines.commands.dagster_home import instance_at
    from pipelines.defs.alerts import look

    now, settings = datetime.now(UTC), load_settings(path or SETTINGS)
    with instance_at(home or root / "dagster") as instance:
        seen = look(instance, settings, now - timedelta(hours=hours))
    sent = send(settings, root / "alerts", seen.notices, now, seen.looked_at)
    for one in seen.notices:
        click.echo(f"{settings.titles[one.kind]}: {one.subject}\n  {one.mend}")
    click.echo(f"{sent.told} told now, {sent.known} told before, {sent.withheld} not told")


@alerts.command("list")
@LAKE
def list_told(root: Path) -> None:
    """What was told when, and whether the last alert went through."""
    from pipelines.alerts import memory

    known = memory.load(root / "alerts")
    for key, at in sorted(known.told.items(), key=lambda one: one[1]):
        click.echo(f"{at:%Y-%m-%d %H:%M} UTC  {key}")
    click.echo(f"the last alert failed: {known.failure}" if known.failure else "the last alert went through")
