"""`countylink trace`: a published number walked back to persons and rows. For identified terminals only."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipelines.commands.options import AS_JSON, CONTRACTS, LAKE, NEW_FILE, OUTCOME_CONTRACTS

if TYPE_CHECKING:
    from pipelines.lake import Lake
    from pipelines.trace import Question, Trace

TIES = {
    True: "that is the published number",
    False: "that is NOT the published number",
    None: "no published number is cut like that",
}

WITHHELD = "the release withholds that number, or tells no cut so narrow"

MOST_ROWS = 20
"""Rows that a terminal shows; all of them are in --json and --out."""


@click.command("trace")
@click.argument("release_id", metavar="RELEASE")
@click.argument("subject", metavar="MEASURE|CONTRACT:CLAUSE")
@LAKE
@CONTRACTS
@OUTCOME_CONTRACTS
@click.option("--provider", "provider_id", help="Only this provider's.")
@click.option("--program", "program_code", help="Only this programme's.")
@click.option("--period", help="Only this period, such as 2025Q3.")
@click.option("--status", "status_code", help="Only rows of this status: met, not_met, censored, …")
@click.option("--person-key", help="Only this person of the release.")
@click.option("--reason", default="", help="Why you look; kept in the audit log.")
@click.option("--out", type=NEW_FILE, help="Also write all of it as JSON, mode 0600, outside published/.")
@AS_JSON
def trace_number(
    release_id: str,
    subject: str,
    root: Path,
    contracts: Path,
    outcome_contracts: Path,
    provider_id: str | None,
    program_code: str | None,
    period: str | None,
    status_code: str | None,
    person_key: str | None,
    reason: str,
    out: Path | None,
    as_json: bool,
) -> None:
    """From a number of RELEASE to persons, episodes, rows, code, model, contracts, decisions; recorded before shown."""
    from pipelines.audit import record_act
    from pipelines.commands.person_index import refuse_published
    from pipelines.lake import Lake, replacing
    from pipelines.trace import Question

    lake = Lake(root)
    if out is not None:
        refuse_published(lake, out)
    question = Question(subject, provider_id, program_code, period, status_code, person_key)
    found = _walk(lake, release_id, question, contracts, outcome_contracts)
    detail = {**question.filters(), "rows": len(found.rows)}
    record_act(lake, act="number_traced", subject=f"{release_id} {subject}", reason=reason, detail=detail)
    text = json.dumps(found.as_json(), indent=1, default=str)
    if out is not None:
        with replacing(out) as staged:
            staged.write_text(text + "\n", encoding="utf-8")
            staged.chmod(0o600)
    for line in [text] if as_json else _lines(found):
        click.echo(line)


def _walk(lake: "Lake", release_id: str, question: "Question", contracts: Path, folder: Path) -> "Trace":
    from pipelines.contracts.state import load_terms
    from pipelines.outcomes import DEFINITIONS, load_measures
    from pipelines.publish.folders import written_folder
    from pipelines.trace import trace
    from schemas.data_contract import load_contracts

    own = folder / "measures"
    measures = {one.id: one for one in load_measures(own if own.is_dir() else DEFINITIONS)}
    return trace(
        lake, written_folder(lake, release_id), question, measures, load_terms(folder), load_contracts(contracts)
    )


def _lines(found: "Trace") -> Iterator[str]:
    yield f"{found.question['subject']} in release {found.release_id}"
    for row in found.published:
        yield "published: " + ", ".join(f"{name} {value}" for name, value in row.items() if value is not None)
    state = TIES[found.ties_out] if found.ties_out is not None or not found.published else WITHHELD
    yield f"{len(found.rows):,} rows, {found.counted:,} of them count, {found.total:,.2f} in all: {state}"
    if not found.is_as_it_was:
        yield "the lake has moved on since: persons and rows are as of then, episodes as the lake tells them now"
    for definition in found.definitions:
        yield f"measure {definition['measure_id']} {definition['version']} ({definition['sql']})"
    inputs = found.made_from
    version = inputs["person_index_version"]
    yield f"code {inputs['code_sha256'][:12]}, model {inputs['linkage_bundle']}, person index version {version}"
    yield f"{len(inputs['deliveries'])} deliveries, {len(found.decisions)} decisions on these clients"
    for row in found.rows[:MOST_ROWS]:
        yield ""
        clients = " ".join(row["clients"])
        days = f"{row['index_on']} to {row['window_end_on'] or '–'}"
        yield f"person {row['person_id']} ({row['person_key']}): {row['status_code'] or 'line'}, {days} · {clients}"
        for one in row["sources"]:
            later = " · came after the release" if one["is_later"] else ""
            place = f"{one['delivery_id']} {one['file_name'] or one['source_table']} line {one['line_number']}"
            yield f"  {one['kind']} {one['from_on']} to {one['to_on'] or '–'} · {place}{later}"
    if len(found.rows) > MOST_ROWS:
        yield f"\n{len(found.rows) - MOST_ROWS:,} more rows: --json or --out"
