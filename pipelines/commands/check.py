"""`countylink check`: an agency tries a file against its contract before sending it."""

import json
import sys
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipelines.commands.options import AS_JSON, EXISTING, SHIPPED_CONTRACTS

if TYPE_CHECKING:
    from pipelines.commands.check_file import CheckResult
    from pipelines.ingest import Problem


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--contract", "wanted", help="AGENCY.TABLE, or AGENCY for an archive; default: by the file's name.")
@click.option("--contracts", "root", type=EXISTING, default=SHIPPED_CONTRACTS, help="Folder of data contracts.")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="Day it describes; default: its folder's, or today.")
@click.option("--first", default=5, show_default=True, type=click.IntRange(1), help="Lines to name for each rule.")
@AS_JSON
def check(file: Path, wanted: str | None, root: Path, as_of: datetime | None, first: int, as_json: bool) -> None:
    """Check one CSV, CSV.gz, XLSX or zip FILE as the nightly run would.

    Exit code 0: clean; 1: rows would be quarantined; 2: it would be held, or cannot be read. No value is shown.
    """
    result = _result(file, wanted, root, as_of.date() if as_of else None, first)
    for line in [json.dumps(result.as_json(), indent=2, ensure_ascii=False)] if as_json else _lines(result):
        click.echo(line)
    sys.exit(result.exit_code)


def _result(file: Path, wanted: str | None, root: Path, as_of: date | None, first: int) -> "CheckResult":
    from pipelines.commands.check_file import check_file, refused
    from pipelines.errors import CountylinkError
    from schemas.data_contract import load_contracts

    try:
        return check_file(file, load_contracts(root), wanted, as_of, first)
    except CountylinkError as error:  # the contracts themselves cannot be read
        return refused(file, wanted or "", error)


def _lines(result: "CheckResult") -> Iterator[str]:
    day = f", as of {result.as_of}" if result.as_of else ""
    yield f"{result.file}{f' as {result.contract}' if result.contract else ''}{day}"
    for one in result.held:
        yield f"  held: {_told(one)}"
    for table, counts in result.tables.items():
        yield (
            f"  {table}: {counts.rows_in:,} rows, of them {counts.accepted:,} accepted, "
            f"{counts.quarantined:,} quarantined, {counts.superseded:,} superseded"
        )
    for rule in result.quarantined:
        more = f" and {rule.rows - len(rule.lines):,} more" if rule.rows > len(rule.lines) else ""
        lines = ", ".join(map(str, rule.lines))
        yield f"  {rule.file} {rule.column or 'row'}: {rule.rule}: {rule.mend}"
        yield f"    line{'s' if rule.rows > 1 else ''} {lines}{more}"
    for one in result.warnings:
        yield f"  worth a look: {_told(one)}"
    yield ENDS[result.verdict]


ENDS = {
    "clean": "clean: it can be sent",
    "quarantined": "rows would be quarantined; the others would be taken",
    "held": "held: nothing of it would be taken",
}
"""The last line, by verdict."""


def _told(one: "Problem") -> str:
    if one.rule_id.startswith("check."):
        return one.mend
    place = " ".join(part for part in (one.file, one.column) if part)
    return f"{place}: {one.rule_id}: {one.mend}" if place else f"{one.rule_id}: {one.mend}"
