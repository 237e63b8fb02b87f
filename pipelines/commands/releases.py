"""`countylink verify`: whether a release folder is whole; and `lint`, before there is one."""

import json
import sys
from pathlib import Path

import click

from pipelines.commands.options import AS_JSON, CONTRACTS, EXISTING, OUTCOME_CONTRACTS


@click.command()
@click.argument("release", type=EXISTING)
@AS_JSON
def verify(release: Path, as_json: bool) -> None:
    """Check every byte, row count and contract of a release folder."""
    from dataclasses import asdict

    from pipelines.publish import verify_release

    found = verify_release(release)
    if as_json:
        click.echo(json.dumps({**asdict(found), "is_whole": found.is_whole}, indent=2))
    elif found.is_whole:
        click.echo(f"{found.release_id} is whole: {found.files} files, {found.rows:,} rows")
    for fault in () if as_json else found.faults:
        click.echo(fault)
    sys.exit(int(not found.is_whole))


@click.command()
@CONTRACTS
@OUTCOME_CONTRACTS
def lint(contracts: Path, outcome_contracts: Path) -> None:
    """Check data contracts, published contracts, measures and outcomes contracts."""
    from pipelines.commands.lint import lint_all

    for line in lint_all(contracts, outcome_contracts):
        click.echo(line)
