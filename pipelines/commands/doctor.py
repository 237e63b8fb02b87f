"""`countylink doctor` and `countylink status`: what is wrong, and what waits, for those who are woken."""

import json
import os
import sys
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipelines.commands.options import AS_JSON, CONTRACTS, EXISTING, FOLDER, LAKE

if TYPE_CHECKING:
    from pipelines.operations.finding import Finding


@click.command()
@click.option("--lake", "root", type=EXISTING, help="Folder of the lake; without it only the machine is looked at.")
@click.option("--backups", type=FOLDER, help="Folder of the backups, to tell the age of the newest.")
@AS_JSON
def doctor(root: Path | None, backups: Path | None, as_json: bool) -> None:
    """Look at this machine and a lake: ok, warn or fail, each with its mend; exit code 1 if anything fails."""
    from pipelines.lake import Lake
    from pipelines.operations.doctor import examine
    from pipelines.operations.finding import FAIL, worst

    lake = Lake(root.resolve()) if root else None
    named = os.environ.get("DAGSTER_HOME")
    home = Path(named) if named else (lake.root / "dagster" if lake and (lake.root / "dagster").exists() else None)
    found = list(examine(lake, home, backups))
    _say(found, as_json=as_json)
    sys.exit(int(worst(found) == FAIL))


@click.command()
@LAKE
@CONTRACTS
@click.option("--as-of", "on", type=click.DateTime(["%Y-%m-%d"]), help="Day that ages are told on; default: today.")
@AS_JSON
def status(root: Path, contracts: Path, on: datetime | None, as_json: bool) -> None:
    """Tell what is stale, held or waiting; exit code 1 if something is late, 2 if something is held, else 0."""
    from pipelines.lake import Lake
    from pipelines.operations.finding import FAIL, OK, WARN, worst
    from pipelines.operations.status import standing
    from schemas.data_contract import load_contracts

    found = list(standing(Lake(root.resolve()), load_contracts(contracts), on.date() if on else date.today()))
    _say(found, as_json=as_json)
    sys.exit({OK: 0, WARN: 1, FAIL: 2}[worst(found)])


def _say(found: "Iterable[Finding]", *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps([one.as_json() for one in found], indent=2))
        return
    for one in found:
        click.echo(one.line())
