"""`countylink quarantine`: which refused lines still wait for their mend, and what the agencies get back."""

import json
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipelines.commands.options import AS_JSON, CONTRACTS, LAKE

if TYPE_CHECKING:
    import polars as pl

NEW_FILE = click.Path(dir_okay=False, path_type=Path)


@click.group()
def quarantine() -> None:
    """Look at refused lines: where they stand, what they broke, how to mend them; never what they held."""


@quarantine.command("list")
@LAKE
@click.option("--agency", help="Only this agency's.")
@click.option("--as-of", "on", type=click.DateTime(["%Y-%m-%d"]), help="Day that ages are told on; default: today.")
@AS_JSON
def list_open(root: Path, agency: str | None, on: datetime | None, as_json: bool) -> None:
    """Count the open lines by agency, table and rule, and say how long the oldest has waited."""
    from pipelines.lake import Lake
    from pipelines.validate.giving_back import open_counts
    from pipelines.validate.quarantine import read_ledger

    counts = open_counts(read_ledger(Lake(root)), on.date() if on else date.today())
    if agency:
        counts = counts.filter(counts["agency"] == agency)
    _print(counts, as_json=as_json, nothing="no line is open")


@quarantine.command()
@LAKE
@click.argument("delivery_id", metavar="DELIVERY")
@click.option("--table", help="Only this table's.")
@click.option("--rule", "rule_id", help="Only lines that broke this rule.")
@AS_JSON
def show(root: Path, delivery_id: str, table: str | None, rule_id: str | None, as_json: bool) -> None:
    """Show a delivery's refused lines: file, line, column, rule, mend, and what became of each."""
    from pipelines.errors import LakeError
    from pipelines.lake import Lake
    from pipelines.validate import receipts
    from pipelines.validate.giving_back import lines_of
    from pipelines.validate.quarantine import read_ledger

    if delivery_id not in {one.delivery_id for one in receipts(Lake(root))}:
        raise LakeError(f"no delivery is called {delivery_id}; validated/<agency>/ names them")
    found = lines_of(read_ledger(Lake(root)), delivery_id, table, rule_id)
    _print(found, as_json=as_json, nothing="no line of it is in quarantine")


@quarantine.command()
@LAKE
@CONTRACTS
@click.argument("agency")
@click.option("--out", type=NEW_FILE, required=True, help="CSV to write; only its owner can read it.")
@click.option("--with-keys", is_flag=True, help="Also the agency's own record keys; then the file names clients.")
@AS_JSON
def export(root: Path, contracts: Path, agency: str, out: Path, with_keys: bool, as_json: bool) -> None:
    """Write what an agency gets back: its open lines with rules and mends."""
    from pipelines.audit import record_act
    from pipelines.lake import Lake
    from pipelines.validate.giving_back import give_back, write_csv
    from pipelines.validate.quarantine import read_ledger
    from schemas.data_contract import load_contracts

    lake = Lake(root)
    rows = give_back(lake, load_contracts(contracts), read_ledger(lake), agency, with_keys=with_keys)
    detail = {"rows": len(rows), "with_keys": with_keys}
    record_act(lake, act="refused_rows_exported", subject=agency, detail=detail)
    write_csv(rows, out)
    told = {"rows": len(rows), "file": str(out)}
    click.echo(json.dumps(told) if as_json else f"{len(rows)} rows written to {out}")


def _print(rows: "pl.DataFrame", *, as_json: bool, nothing: str) -> None:
    """Rows as JSON objects, or as lines of aligned columns."""
    if as_json:
        click.echo(json.dumps(rows.to_dicts(), indent=2, default=str))
        return
    if rows.is_empty():
        click.echo(nothing)
        return
    cells = [rows.columns, *([("" if cell is None else str(cell)) for cell in row] for row in rows.iter_rows())]
    widths = [max(len(row[i]) for row in cells) for i in range(len(rows.columns))]
    for row in cells:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
