"""`countylink releases`, `release` and `diff`: what became of each release, and what people say of it."""

import json
import sys
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipelines.commands.options import AS_JSON, LAKE, NEW_FILE

if TYPE_CHECKING:
    from pipelines.publish.catalogue import Entry
    from pipelines.publish.difference import Difference

RELEASE = click.argument("release_id", metavar="RELEASE")
BY = click.option("--by", required=True, help="Who says so; shown in the catalogue.")
REASON = click.option("--reason", required=True, help="Why; shown in the catalogue, so no name and no date of birth.")
DAY = click.DateTime(["%Y-%m-%d"])


@click.command()
@LAKE
@click.option(
    "--as-known-on", "on", type=DAY, help="Only the release that was the latest at the end of that day (UTC)."
)
@AS_JSON
def releases(root: Path, on: datetime | None, as_json: bool) -> None:
    """List every release that there ever was: published, held, dropped, withdrawn."""
    from pipelines.lake import Lake
    from pipelines.publish.catalogue import as_known_on, entries

    found = entries(Lake(root))
    if on is not None:
        known = as_known_on(found, datetime.combine(on, time.max, UTC))
        found = [known] if known else []
    if as_json:
        click.echo(json.dumps([one.as_json() for one in found], indent=2))
        return
    for line in [_line(root, one) for one in found] or ["no release"]:
        click.echo(line)


@click.group()
def release() -> None:
    """Look at a release; approve or drop one that is held; withdraw one that is published."""


@release.command()
@LAKE
@RELEASE
@click.option("--page", type=NEW_FILE, help="Also write it as a page.")
@AS_JSON
def show(root: Path, release_id: str, page: Path | None, as_json: bool) -> None:
    """What became of a release, and which figures hold it."""
    from pipelines.lake import Lake
    from pipelines.publish.catalogue import known_entry
    from pipelines.reports.held_release import draw_held_release

    entry = known_entry(Lake(root), release_id)
    if page is not None:
        draw_held_release(entry, page)
    for line in [json.dumps(entry.as_json(), indent=2)] if as_json else _lines(root, entry):
        click.echo(line)


@release.command()
@LAKE
@RELEASE
@BY
@REASON
def approve(root: Path, release_id: str, by: str, reason: str) -> None:
    """Let a held RELEASE out: somebody looked at each finding and says that it is right."""
    from pipelines.defs.locking import sole_writer
    from pipelines.lake import Lake
    from pipelines.publish import standing

    with sole_writer(root):
        standing.approve(Lake(root), release_id, by, reason)
    click.echo(f"{release_id} is published")


@release.command()
@LAKE
@RELEASE
@BY
@REASON
def drop(root: Path, release_id: str, by: str, reason: str) -> None:
    """Take a held RELEASE away; the last one stays, and the same inputs are not published again."""
    from pipelines.defs.locking import sole_writer
    from pipelines.lake import Lake
    from pipelines.publish import standing

    with sole_writer(root):
        standing.drop(Lake(root), release_id, by, reason)
    click.echo(f"{release_id} is dropped; mend what was wrong and run again")


@release.command()
@LAKE
@RELEASE
@BY
@REASON
@click.option("--erase", is_flag=True, help="Also remove its files; else they stay in withdrawn/ as evidence.")
def withdraw(root: Path, release_id: str, by: str, reason: str, erase: bool) -> None:
    """Take a published RELEASE back; `latest` points at the newest that is left, and a tombstone says why."""
    from pipelines.defs.locking import sole_writer
    from pipelines.lake import Lake
    from pipelines.publish import standing

    with sole_writer(root):
        newest = standing.withdraw(Lake(root), release_id, by, reason, erase=erase)
    click.echo(f"{release_id} is withdrawn; the latest release is {newest or 'none'}: tell whoever has a copy")


@release.command("rotate-key")
@LAKE
@BY
@REASON
def rotate_key(root: Path, by: str, reason: str) -> None:
    """Replace the key of person keys: from the next release on, every person has a new name."""
    from pipelines.defs.locking import sole_writer
    from pipelines.lake import Lake
    from pipelines.publish.key_rotation import rotate_key as replace_key

    with sole_writer(root):
        key_id = replace_key(Lake(root), by, reason)
    click.echo(f"the next release is made with key {key_id}: tell whoever follows persons from release to release")


@release.command()
@LAKE
@click.option("--on", type=DAY, help="The day that ages are told on; default: today.")
@click.option("--remove", is_flag=True, help="Remove them; else they are only named.")
def retention(root: Path, on: datetime | None, remove: bool) -> None:
    """Name, or remove, the releases that no rule of retention keeps any longer."""
    from pipelines.defs.locking import sole_writer
    from pipelines.lake import Lake
    from pipelines.publish import standing
    from pipelines.publish.retention import due_for_removal, evidence_due

    lake, day = Lake(root), on.date() if on else date.today()
    due, evidence = due_for_removal(lake, day), evidence_due(lake, day)
    if remove:
        with sole_writer(root):
            for release_id in due:
                standing.remove(lake, release_id, "older than retention.yaml keeps")
            for release_id in evidence:
                standing.withdraw(lake, release_id, "retention", "kept as evidence for its full term", erase=True)
    for release_id in (*due, *evidence):
        click.echo(f"{release_id} {'removed' if remove else 'would be removed'}")
    if not due and not evidence:
        click.echo("nothing is due")


@click.command()
@click.argument("before")
@click.argument("after")
@LAKE
@AS_JSON
def diff(before: str, after: str, root: Path, as_json: bool) -> None:
    """What differs between two releases (ids, or folders), and which inputs changed; exit code 1 if anything does."""
    from pipelines.publish.difference import difference

    found = difference(_folder(root, before), _folder(root, after))
    for line in [json.dumps(found.as_json(), indent=2, default=str)] if as_json else _difference_lines(found):
        click.echo(line)
    sys.exit(int(not found.is_same))


def _folder(root: Path, named: str) -> Path:
    from pipelines.lake import Lake
    from pipelines.publish.folders import written_folder

    return Path(named) if "/" in named else written_folder(Lake(root), named)


def _line(root: Path, entry: "Entry") -> str:
    from pipelines.lake import Lake
    from pipelines.publish.latest import latest_release

    current = latest_release(Lake(root))
    mark = " · latest" if current is not None and current.name == entry.release_id else ""
    last = entry.history[-1]
    held = f" · {len(entry.findings)} findings" if entry.status == "held" else ""
    return f"{entry.release_id} · {entry.status}{mark}{held} · {last.at:%Y-%m-%d %H:%M} UTC · {last.by} · {last.reason}"


def _lines(root: Path, entry: "Entry") -> list[str]:
    lines = [_line(root, entry), ""]
    lines += [f"{one.at:%Y-%m-%d %H:%M} UTC · {one.status} · {one.by} · {one.reason}" for one in entry.history]
    for one in entry.findings:
        lines += ["", f"{one['place']}: {one['figure']} {_number(one['before'])} → {_number(one['after'])}"]
        lines += [f"  {one['band']} ({one['table']}), allowed: {one['allowed']}", f"  {one['reason']}"]
    if entry.status == "held":
        said = "--by NAME --reason TEXT"
        lines += ["", f"right: countylink release approve {entry.release_id} {said}",
                  f"wrong: countylink release drop {entry.release_id} {said}"]  # fmt: skip
    return lines


def _difference_lines(found: "Difference") -> list[str]:
    lines = [f"{found.before} → {found.after}", "", "what changed among the inputs:"]
    lines += [f"  {one.text}" for one in found.causes] or ["  nothing"]
    lines += ["", "tables that are not the same:"]
    lines += [f"  {one['table_name']:<24}{_number(one['rows_before']):>12} → {_number(one['rows_after']):>12} rows"
              for one in found.tables] or ["  none"]  # fmt: skip
    lines += [f"  contract of {one['table_name']}: {one['became']}" for one in found.contracts]
    if found.measures:
        lines += ["", "measures (of all, and of programmes):"]
    for one in found.measures:
        place = " · ".join(str(one[name]) for name in ("measure_id", "cut_value", "period") if one[name])
        moved = f"n {_number(one['n_before'])} → {_number(one['n_after'])}"
        estimates = f"{_number(one['estimate_before'])} → {_number(one['estimate_after'])} {one['unit']}"
        lines.append(f"  {place}: {moved}, {estimates}")
    if found.payments:
        lines += ["", "payments, US dollars:"]
    for one in found.payments:
        place = " · ".join(str(one[name]) for name in ("contract_id", "clause_id", "period") if one[name])
        lines.append(f"  {place}: {_number(one['amount_usd_before'])} → {_number(one['amount_usd_after'])}")
    return lines


def _number(value: float | None) -> str:
    if value is None:
        return "withheld or absent"
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.4f}"
