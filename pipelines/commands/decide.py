"""`countylink decide`: what a reviewer says of pairs of clients, and what was said."""

import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipelines.commands.options import AS_JSON, BUNDLE, EXISTING_FILE, LAKE

if TYPE_CHECKING:
    from linkage_rules.bundle import Bundle
    from pipelines.link.decision_store import Client, Decision
    from pipelines.review import Contradiction


def named_client(_: click.Context, __: click.Parameter, value: str) -> "Client":
    """Agency and client id of `AGENCY:CLIENT`."""
    agency, colon, client_id = value.partition(":")
    if not (agency and colon and client_id):
        raise click.BadParameter("write a client as AGENCY:CLIENT, such as sheriff:100234")
    return agency, client_id


def bundle_at(folder: Path | None, root: Path) -> "Bundle":
    """The linkage model of a folder; without one, the model that the lake is linked with, or else the shipped one."""
    from linkage_rules.bundle import load_bundle, shipped_bundle
    from pipelines.lake import Lake
    from pipelines.link import pinned, read_pin

    if folder:
        return load_bundle(folder)
    told = read_pin(Lake(root))
    return pinned(Lake(root), told) if told else shipped_bundle()


@click.group()
def decide() -> None:
    """Say whether two clients are one person; the next run and every later one keep to it."""


@decide.command()
@LAKE
@click.argument("one", metavar="AGENCY:CLIENT", callback=named_client)
@click.argument("other", metavar="AGENCY:CLIENT", callback=named_client)
@click.option("--as", "code", type=click.Choice(["same", "different", "unsure"]), required=True)
@click.option("--by", required=True, help="Who says so.")
@click.option("--reason", required=True, help="Why; kept with the decision.")
@BUNDLE
def pair(root: Path, one: "Client", other: "Client", code: str, by: str, reason: str, bundle: Path | None) -> None:
    """Decide on one pair; `unsure` takes back what was said of it before."""
    from pipelines.lake import Lake
    from pipelines.review import Said, decide

    said = [Said(one, other, code, by, reason)]
    number = decide(Lake(root), bundle_at(bundle, root), said, datetime.now(UTC))
    click.echo(f"recorded as decision batch {number}; it takes effect with the next run")
    _warn_of_conflicts(root)


@decide.command("import")
@LAKE
@click.argument("file", type=EXISTING_FILE)
@click.option("--by", help="Who says so, of every row; default: the file's decided_by.")
@click.option("--reason", help="Why, of every row; default: the file's reason.")
@click.option(
    "--unknown-too", is_flag=True, help="Also take decisions about clients that no agency knows (any longer)."
)
@BUNDLE
def take(root: Path, file: Path, by: str | None, reason: str | None, unknown_too: bool, bundle: Path | None) -> None:
    """Decide on many pairs: CSV or Parquet of agency_l, client_id_l, agency_r, client_id_r, decision_code."""
    from pipelines.lake import Lake
    from pipelines.review import decide, read_statements

    said = read_statements(file, by, reason)
    number = decide(Lake(root), bundle_at(bundle, root), said, datetime.now(UTC), unknown_too=unknown_too)
    click.echo(f"{len(said):,} recorded as decision batch {number}; they take effect with the next run")
    _warn_of_conflicts(root)


@decide.command("list")
@LAKE
@click.option("--all", "everything", is_flag=True, help="Also what was said before and replaced since.")
@AS_JSON
def list_decisions(root: Path, everything: bool, as_json: bool) -> None:
    """Show the decisions in force, by pair."""
    from pipelines.lake import Lake
    from pipelines.link.decision_store import in_force, recorded
    from pipelines.review import dormant

    lake = Lake(root)
    asleep = {one.clients for one in dormant(lake)}
    said = recorded(lake) if everything else in_force(recorded(lake))
    if as_json:
        click.echo(json.dumps([one.as_json() | {"is_dormant": one.clients in asleep} for one in said], indent=2))
        return
    for one in said:
        click.echo(
            decision_line(one) + (" · dormant: a client is not known any longer" if one.clients in asleep else "")
        )


@decide.command("conflicts")
@LAKE
@AS_JSON
def show_conflicts(root: Path, as_json: bool) -> None:
    """Show decisions that contradict each other; exit code 1 if there are any, for none of them is applied."""
    from pipelines.lake import Lake
    from pipelines.review import contradictions

    found = contradictions(Lake(root))
    if as_json:
        click.echo(json.dumps([_conflict(one) for one in found], indent=2))
    else:
        for line in _conflict_lines(root) if found else ["no decision contradicts another"]:
            click.echo(line)
    sys.exit(int(bool(found)))


def _conflict(found: "Contradiction") -> dict[str, object]:
    return {
        "different": found.different.as_json(),
        "same": [one.as_json() for one in found.same],
        "set_aside": [one.as_json() for one in found.set_aside],
    }


def _warn_of_conflicts(root: Path) -> None:
    for line in _conflict_lines(root):
        click.echo(line, err=True)


def _conflict_lines(root: Path) -> Iterator[str]:
    from pipelines.lake import Lake
    from pipelines.review import contradictions

    for found in contradictions(Lake(root)):
        yield "these contradict each other, so the chain of `same` is not applied; change one of them:"
        yield from (f"  {decision_line(one)}" for one in (found.different, *found.same))
        if further := len(found.set_aside) - len(found.same):
            yield f"  {further} more of the same chain are not applied either"


def decision_line(one: "Decision") -> str:
    """A decision in one line."""
    clients = " ".join(":".join(client) for client in one.clients)
    return f"{clients} · {one.decision_code} · {one.decided_by} · {one.decided_at:%Y-%m-%d %H:%M} UTC · {one.reason}"
