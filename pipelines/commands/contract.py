"""`countylink contract`: what is agreed with the agencies: checked, compared, shown."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipelines.commands.options import AS_JSON, EXISTING, SHIPPED_CONTRACTS

if TYPE_CHECKING:
    from schemas.contract_diff import ContractDiff

ROOT = click.argument("root", metavar="[DIR]", type=EXISTING, default=SHIPPED_CONTRACTS)
EITHER = click.Path(exists=True, path_type=Path)


@click.group()
def contract() -> None:
    """Check, compare and show data contracts."""


@contract.command()
@ROOT
@AS_JSON
def lint(root: Path, as_json: bool) -> None:
    """Check every contract of DIR, and that contracts, their vocabulary and the SQL agree; exit code 1 if not."""
    from pipelines.commands.agreement import contract_faults

    found, checked = contract_faults(root)
    if as_json:
        click.echo(json.dumps({"contracts": checked, "faults": found}, indent=2, ensure_ascii=False))
    else:
        for line in found or [f"{checked} data contracts are well formed and agree with the code"]:
            click.echo(line)
    sys.exit(int(bool(found)))


@contract.command()
@click.argument("old", type=EITHER)
@click.argument("new", type=EITHER)
@AS_JSON
def diff(old: Path, new: Path, as_json: bool) -> None:
    """Show what changed from OLD to NEW, two contracts or two folders, by how much it breaks.

    Exit code 1 if something breaks and the contract's major version was not raised.
    """
    from dataclasses import asdict

    from schemas.contract_diff import diff as compare

    found = compare(old, new)
    if as_json:
        items = [{**asdict(one), "is_announced": one.is_announced} for one in found]
        click.echo(json.dumps({"format": "countylink-contract-diff-1", "contracts": items}, indent=2))
    else:
        for line in (line for one in found for line in _lines(one)) if found else ["nothing changed"]:
            click.echo(line)
    sys.exit(int(any(not one.is_announced for one in found)))


@contract.command()
@ROOT
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), required=True, help="Folder for the pages.")
def docs(root: Path, out: Path) -> None:
    """Write the contracts of DIR as HTML pages: agencies, tables, columns, codes, rules and mends, terms."""
    from pipelines.reports.contract_pages import draw_contracts
    from schemas.data_contract import load_contracts

    pages = draw_contracts(load_contracts(root), out)
    click.echo(f"{len(pages)} pages; begin with {out / 'index.html'}")


def _lines(one: "ContractDiff") -> Iterator[str]:
    yield f"{one.contract}  {one.old_version or 'new'} → {one.new_version or 'gone'}"
    for change in one.changes:
        place = f"{change.column}: " if change.column else ""
        yield f"  {change.severity:<11}{place}{change.what}"
    if not one.is_announced:
        yield "  raise the major version, and tell the agency before it takes effect"
