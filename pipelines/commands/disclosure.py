"""`countylink disclosure`: which tables are told as they are, and what was withheld of the others."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from pipelines.commands.options import AS_JSON, EXISTING, LAKE


@click.group()
def disclosure() -> None:
    """Small counts in aggregates: what is withheld, and who said that a table is told as it is."""


@disclosure.command("opt-out")
@click.argument("table")
@LAKE
@click.option("--by", required=True, help="Who wants the table told as it is.")
@click.option("--approved-by", required=True, help="The second person, who agrees.")
@click.option("--reason", required=True, help="Why it may be told; kept for good.")
@click.option("--end", is_flag=True, help="Put the table back under disclosure control.")
def opt_out(table: str, root: Path, by: str, approved_by: str, reason: str, end: bool) -> None:
    """Tell TABLE as it is from the next release on: two people say so, by name; the audit log keeps it."""
    from pipelines.lake import Lake
    from pipelines.publish.disclosure import opt_outs

    now = datetime.now(UTC)
    said = opt_outs.opt_out(Lake(root), table, by=by, approved_by=approved_by, reason=reason, at=now, is_out=not end)
    now_is = "told as it is" if said.is_out else "under disclosure control"
    click.echo(f"{said.table} is {now_is} from the next release on; said by {said.by}, agreed by {said.approved_by}")


@disclosure.command("list")
@LAKE
@AS_JSON
def list_opt_outs(root: Path, as_json: bool) -> None:
    """Show everything that was ever said, oldest first."""
    from pipelines.lake import Lake
    from pipelines.publish.disclosure import opt_outs

    said = opt_outs.opt_outs(Lake(root))
    if as_json:
        click.echo(json.dumps([one.as_json() for one in said], indent=2))
        return
    for one in said:
        what = "told as it is" if one.is_out else "controlled again"
        click.echo(
            f"{one.table}: {what} · {one.by}, {one.approved_by} · {one.said_at:%Y-%m-%d %H:%M} UTC · {one.reason}"
        )
    if not said:
        click.echo("every table is under disclosure control")


@disclosure.command("audit")
@click.argument("release", type=EXISTING)
@AS_JSON
def audit(release: Path, as_json: bool) -> None:
    """Show what was withheld from a RELEASE folder, in numbers of cells; exit code 1 if it tells a small one."""
    import pyarrow.parquet as pq

    from pipelines.publish.disclosure.audit import disclosure_faults

    rows, faults = pq.read_table(release / "disclosure.parquet").to_pylist(), disclosure_faults(release)
    if as_json:
        click.echo(json.dumps({"tables": rows, "faults": faults}, indent=2))
    for row in () if as_json else rows:
        click.echo(_line(row))
    for fault in () if as_json else faults:
        click.echo(fault)
    raise SystemExit(int(bool(faults)))


def _line(row: Mapping[str, Any]) -> str:
    withheld = f"{row['withheld_themselves']:,} withheld themselves, {row['withheld_beside']:,} beside them"
    repeated = f"{row['rows_repeated']:,} of {row['rows']:,} rows repeated"
    return f"{row['table_name']} ({row['method_code']}): {row['counts']:,} counts, {withheld}; {repeated}"
