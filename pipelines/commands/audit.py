"""`countylink verify-audit`: whether the log of who looked and who changed is as it was written."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipelines.commands.options import AS_JSON, LAKE

if TYPE_CHECKING:
    from pipelines.audit import Head


def noted_head(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> "dict[str, Head]":
    """Heads that were noted elsewhere, as NUMBER:HASH."""
    from pipelines.audit import Head

    heads = {}
    for value in values:
        number, colon, sha256 = value.partition(":")
        if not (number.isdigit() and colon and sha256):
            raise click.BadParameter("write a head as this command prints it, NUMBER:HASH")
        heads[f"the noted head {number}"] = Head(int(number), sha256)
    return heads


@click.command("verify-audit")
@LAKE
@click.option("--head", "noted", multiple=True, callback=noted_head, help="A head that was noted before, NUMBER:HASH.")
@click.option("--show", is_flag=True, help="Print every act too; it names clients by their ids.")
@AS_JSON
def verify_audit(root: Path, noted: "dict[str, Head]", show: bool, as_json: bool) -> None:
    """Check that no act was edited, removed, put elsewhere or cut off; exit code 1 if one was."""
    from pipelines.audit import verify_audit as verify
    from pipelines.lake import Lake
    from pipelines.publish.catalogue import noted_heads

    found = verify(Lake(root), {**noted_heads(Lake(root)), **noted})
    told = {"acts": found.head.acts, "head": f"{found.head.acts}:{found.head.sha256}", "is_whole": found.is_whole,
            "heads": found.heads, "sealed_files": found.sealed_files, "faults": list(found.faults)}  # fmt: skip
    if as_json:
        click.echo(json.dumps(told, indent=2))
    else:
        _say(told)
    if show:
        _show(root, as_json)
    sys.exit(int(not found.is_whole))


def _say(told: dict[str, object]) -> None:
    state = "whole" if told["is_whole"] else "NOT as it was written"
    click.echo(f"the audit log is {state}: {told['acts']} acts, {told['sealed_files']} sealed files, "
               f"held against {told['heads']} noted heads")  # fmt: skip
    for fault in told["faults"] if isinstance(told["faults"], list) else ():
        click.echo(f"  {fault}")
    click.echo(f"head {told['head']} (note it where nobody can write who writes here)")


def _show(root: Path, as_json: bool) -> None:
    from pipelines.audit import acts
    from pipelines.lake import Lake

    for act in acts(Lake(root)):
        if as_json:
            click.echo(json.dumps(act.as_json(), ensure_ascii=False))
        else:
            click.echo(
                f"{act.number} · {act.at:%Y-%m-%d %H:%M} UTC · {act.act} · {act.by} · {act.subject} · {act.reason}"
            )
