"""`countylink backup`, `restore` and `upgrade`: what is done to a lake as a whole."""

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import click

from pipelines.commands.options import AS_JSON, EXISTING, FOLDER, LAKE

WAIT_SECONDS = 5
"""Between two looks at whether a run still holds the lake."""


@click.command()
@LAKE
@click.option("--to", type=FOLDER, required=True, help="Folder of backups, on another disk; made when it is not there.")
@click.option("--by", default="", help="Who asks for it; default: the account of the machine.")
@click.option("--keep", default=0, show_default=True, type=click.IntRange(0), help="Keep so many backups; 0: all.")
@click.option("--wait-seconds", default=0, show_default=True, type=click.IntRange(0), help="Wait for a run so long.")
@AS_JSON
def backup(root: Path, to: Path, by: str, keep: int, wait_seconds: int, as_json: bool) -> None:
    """Copy a whole lake, with the SHA-256 of each file; what did not change takes no room again."""
    from pipelines.lake import Lake
    from pipelines.operations.backup import back_up

    with _locked(root, wait_seconds):
        made = back_up(Lake(root.resolve()), to, by, keep)
    told = {"folder": str(made.folder), "number": made.number, "files": len(made.files),
            "latest_release": made.latest_release, "audit_head": f"{made.audit.acts}:{made.audit.sha256}"}  # fmt: skip
    said = f"{made.folder}: {len(made.files):,} files; latest release {made.latest_release or 'none'}"
    click.echo(json.dumps(told, indent=2) if as_json else said)


@click.command()
@click.option("--from", "folder", type=EXISTING, required=True, help="The backup, FOLDER/NUMBER_TIME.")
@click.option("--lake", "root", type=FOLDER, help="Where the lake shall be: nothing, or an empty folder.")
@click.option("--by", default="", help="Who restores it.")
@click.option("--reason", default="", help="Why; kept in the audit log.")
@click.option("--check", is_flag=True, help="Only check every byte of the backup.")
def restore(folder: Path, root: Path | None, by: str, reason: str, check: bool) -> None:
    """Make a lake anew out of a backup; checked before a file is copied."""
    from pipelines.operations.backup import read_backup, refuse_damaged

    if check:
        refuse_damaged(folder)
        click.echo(f"{folder.name} is whole: {len(read_backup(folder).files):,} files")
        return
    if root is None:
        raise click.UsageError("say where the lake shall be, with --lake; or only --check the backup")
    from pipelines.operations.restore import restore as make_anew

    made = make_anew(folder, root, by, reason)
    click.echo(f"{root}: {len(made.backup.files):,} files; latest release {made.latest_release or 'none'}")
    for fault in made.faults:
        click.echo(f"was so when it was backed up: {fault}", err=True)
    click.echo("make again the deletions and opt-outs that came after it; see docs/runbook.md#the-lake-is-lost")


@click.command()
@LAKE
@click.option("--by", default="", help="Who upgrades it.")
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
def upgrade(root: Path, by: str, dry_run: bool) -> None:
    """Bring a lake into the form of this program; back it up before, for there is no way back but the backup."""
    from pipelines.defs.locking import locked
    from pipelines.lake import Lake
    from pipelines.operations.state import STATE_VERSION
    from pipelines.operations.upgrades import STEPS, pending
    from pipelines.operations.upgrades import upgrade as take_steps

    lake = Lake(root.resolve())
    if dry_run:
        said = [f"form {number}: {STEPS[number].says}" for number in pending(lake)]
    else:
        with locked(root):
            said = take_steps(lake, by)
    for line in said or [f"nothing to do: the lake is in form {STATE_VERSION}"]:
        click.echo(line)


@contextmanager
def _locked(root: Path, wait_seconds: int) -> Iterator[None]:
    """The lake's lock; a run that holds it is waited for, for so long."""
    from pipelines.defs.locking import locked
    from pipelines.errors import LakeError

    latest_end = time.monotonic() + wait_seconds
    with ExitStack() as held:
        while True:
            try:
                held.enter_context(locked(root))
                break
            except LakeError:
                if time.monotonic() >= latest_end:
                    raise
                time.sleep(WAIT_SECONDS)
        yield
