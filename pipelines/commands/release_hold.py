"""`countylink release-hold`: somebody says that a delivery which a circuit breaker held is right."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipelines.commands.options import AS_JSON, DEMO, EXISTING

if TYPE_CHECKING:
    from pipelines.validate import HoldRelease, Receipt


@click.command("release-hold")
@click.argument("delivery", required=False)
@click.option("--by", help="Who releases it.")
@click.option("--reason", help="Why it is right; kept for good.")
@click.option(
    "--lake",
    "root",
    type=EXISTING,
    envvar="COUNTYLINK_LAKE",
    default=DEMO / "lake",
    show_default=True,
    help="Folder of the lake.",
)
@click.option("--list", "is_list", is_flag=True, help="Show what waits, and every release that was recorded.")
@AS_JSON
def release_hold(
    delivery: str | None, by: str | None, reason: str | None, root: Path, is_list: bool, as_json: bool
) -> None:
    """Let in a DELIVERY that a circuit breaker holds; the next run takes it. What breaks its contract stays held."""
    from pipelines.lake import Lake
    from pipelines.validate import held_by_breakers, releases
    from pipelines.validate import release_hold as release

    lake = Lake(root)
    if is_list:
        waiting, recorded = held_by_breakers(lake), releases(lake)
        lines = [_as_json(waiting, recorded)] if as_json else _lines(waiting, recorded)
    elif not (delivery and by and reason):
        raise click.UsageError("say which DELIVERY, --by whom and for which --reason; --list names those that wait")
    else:
        done = release(lake, delivery, by, reason, datetime.now(UTC))
        said = f"{done.delivery_id} is released as number {done.number}; the next run takes it in"
        lines = [json.dumps(done.as_json(), indent=2)] if as_json else [said]
    for line in lines:
        click.echo(line)


def _lines(waiting: "list[Receipt]", recorded: "list[HoldRelease]") -> list[str]:
    lines = [] if waiting else ["no delivery waits for a release"]
    for one in waiting:
        lines.append(f"waits: {one.delivery_id}")
        lines += [f"  {' '.join(filter(None, (r.file, r.column)))}: {r.rule_id}: {r.mend}" for r in one.held]
    for said in recorded:
        when = f"{said.released_at:%Y-%m-%d %H:%M} UTC"
        lines.append(f"released: {said.delivery_id} · {said.released_by} · {when} · {said.reason}")
    return lines


def _as_json(waiting: "list[Receipt]", recorded: "list[HoldRelease]") -> str:
    held = [{"delivery_id": one.delivery_id, "rules": [reason.rule_id for reason in one.held]} for one in waiting]
    return json.dumps({"waiting": held, "released": [one.as_json() for one in recorded]}, indent=2)
