"""`countylink statement`, `dispute` and `contract-page`: what an outcomes contract pays, and what decided it."""

import json
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    import pyarrow as pa

    from pipelines.contracts import DueStatement, OutcomesContract, Statement
    from pipelines.outcomes import Measure

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
CONTRACT = click.argument("named", metavar="CONTRACT")
DEFINITIONS = click.option(
    "--outcome-contracts", "folder", type=FOLDER, help="Folder of outcomes contracts; default: the shipped ones."
)
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print the statement as JSON.")


@click.command()
@CONTRACT
@click.option("--quantities", type=FILE, help="CSV to price without a lake: clause_id, period, quantity.")
@click.option("--lake", "root", type=FOLDER, help="Folder of the lake.")
@click.option("--period", help="The statement's period, as 2026Q1, 2026-01 or 2026.")
@click.option("--freeze", "is_final", is_flag=True, help="Make it final: it is kept, and later changes are restated.")
@click.option("--release", "release_id", help="As known at this release; default: the last run, frozen: the latest.")
@click.option("--by", help="Who freezes it.")
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="The day of freezing; default: today.")
@click.option(
    "--lines",
    type=click.Path(dir_okay=False, path_type=Path),
    help="CSV to write, mode 0600: each line with its days, rule, amount, payers and source rows.",
)
@DEFINITIONS
@AS_JSON
def statement(
    named: str,
    quantities: Path | None,
    root: Path | None,
    period: str | None,
    is_final: bool,
    release_id: str | None,
    by: str | None,
    on: datetime | None,
    lines: Path | None,
    folder: Path | None,
    as_json: bool,
) -> None:
    """State what CONTRACT (an id, or the path of a YAML file) pays: for quantities, or for a period of the lake."""
    contract, measures = find_contract(named, folder)
    if quantities is not None:
        from pipelines.contracts import read_quantities, state_quantities

        priced = state_quantities(contract, read_quantities(quantities, contract))
        _print(priced.as_json(), told(priced), as_json)
        return
    if root is None or period is None:
        raise click.UsageError("name --quantities, or --lake and --period")
    if is_final and not by:
        raise click.UsageError("say --by whom it is frozen")
    from pipelines.contracts import due, freeze
    from pipelines.lake import Lake

    release = _release(root, release_id) if is_final or release_id else None
    stated = due(Lake(root), contract, measures, period, release)
    if is_final and release is not None:
        freeze(Lake(root), stated, on=on.date() if on else date.today(), by=str(by), release=release)
    if lines is not None:
        _write_lines(root, stated, measures, lines)
    _print(stated.as_json(), told_due(stated, is_final), as_json)


@click.command()
@CONTRACT
@click.option("--lake", "root", type=FOLDER, required=True, help="Folder of the lake.")
@click.option("--provider", required=True, help="The provider's id.")
@click.option("--period", help="Only rows of this period and rows that were paid in none.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="CSV to write, mode 0600.")
@DEFINITIONS
def dispute(named: str, root: Path, provider: str, period: str | None, out: Path, folder: Path | None) -> None:
    """Write a provider's own rows under CONTRACT: what was paid, and which episodes decided it."""
    from pipelines.audit import record_act
    from pipelines.contracts import dispute_rows
    from pipelines.lake import Lake

    contract, measures = find_contract(named, folder)
    rows = dispute_rows(Lake(root), contract, measures, provider, period)
    subject = f"{contract.id}, provider {provider}"
    record_act(Lake(root), act="provider_rows_exported", subject=subject, detail={"rows": rows.num_rows})
    _write_csv(rows, out)
    click.echo(f"{rows.num_rows} rows of provider {provider} in {out}")


@click.command("contract-page")
@CONTRACT
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="The page to write.")
@DEFINITIONS
def contract_page(named: str, out: Path, folder: Path | None) -> None:
    """Check CONTRACT (an id, or the path of a YAML file), and write its terms as a page in plain language."""
    from pipelines.reports.outcomes_contract import draw_outcomes_contract

    contract, measures = find_contract(named, folder)
    click.echo(str(draw_outcomes_contract(contract, dict(measures), out)))


def _write_lines(root: Path, stated: "DueStatement", measures: "Mapping[str, Measure]", out: Path) -> None:
    from pipelines.audit import record_act
    from pipelines.contracts import line_rows
    from pipelines.lake import Lake

    rows = line_rows(Lake(root), stated, measures)
    subject = f"{stated.contract.id} {stated.period}"
    record_act(Lake(root), act="statement_lines_exported", subject=subject, detail={"rows": rows.num_rows})
    _write_csv(rows, out)


def _write_csv(rows: "pa.Table", out: Path) -> None:
    from pipelines.lake import replacing
    from pipelines.spreadsheets import write_rows

    with replacing(out) as staged, staged.open("w", encoding="utf-8", newline="") as file:
        write_rows(file, rows.column_names, (row.values() for row in rows.to_pylist()))


def find_contract(named: str, folder: Path | None) -> "tuple[OutcomesContract, Mapping[str, Measure]]":
    """The contract in a file, or the one of that id in the folder; and the measures it may name."""
    from pipelines.contracts import OUTCOME_CONTRACTS, read_outcome_contract
    from pipelines.errors import ContractError
    from pipelines.outcomes import DEFINITIONS as SHIPPED
    from pipelines.outcomes import load_measures

    root = folder or OUTCOME_CONTRACTS
    own = root / "measures"
    measures = {measure.id: measure for measure in load_measures(own if own.is_dir() else SHIPPED)}
    path = Path(named)
    if path.suffix not in (".yaml", ".yml"):
        path = root / f"{named}.yaml"
    if not path.is_file():
        known = ", ".join(sorted(path.stem for path in root.glob("*.yaml")))
        raise ContractError(f"there is no outcomes contract {named}; there are {known}, or name a YAML file")
    return read_outcome_contract(path, measures), measures


def told(stated: "Statement") -> list[str]:
    """A statement of quantities for a terminal."""
    lines = [f"{stated.contract.title} ({stated.contract.id} {stated.contract.version})", ""]
    for line in stated.lines:
        cuts = "".join(f", {cut.amount_usd:,.2f} cut by the {cut.cap} cap" for cut in line.cuts)
        unit = f"{line.unit.period:12} {line.unit.clause_id:32} {line.unit.quantity:>14,}"
        lines.append(f"  {unit} → {line.amount_usd:>16,.2f}{cuts}")
    lines.append("")
    for payer in stated.contract.payers:
        lines.append(f"  {payer.payer:60} {stated.payer_usd(payer.id):>16,.2f}")
    lines.append(f"  {'in all, US dollars':60} {stated.amount_usd:>16,.2f}")
    return [*lines, *(f"  note: {warning}" for warning in stated.warnings())]


def told_due(stated: "DueStatement", is_final: bool) -> list[str]:
    """A period's statement for a terminal: sums, no person."""
    from collections import Counter
    from decimal import Decimal

    state = f"frozen as statement {stated.number}" if is_final else "a draft, not frozen"
    lines = [f"{stated.contract.title}, {stated.period}: {state}", ""]
    counts: Counter[tuple[str, str, str]] = Counter()
    sums: dict[tuple[str, str, str], Decimal] = {}
    for row in stated.lines.to_pylist():
        key = (row["period"], row["clause_id"], row["cause_code"])
        counts[key] += 1
        sums[key] = sums.get(key, Decimal(0)) + row["amount_usd"]
    for (period, clause_id, cause), amount in sorted(sums.items()):
        why = f"  restated: {cause.replace('_', ' ')}" if cause else ""
        lines.append(f"  {period:8} {clause_id:36} {counts[period, clause_id, cause]:>7} lines {amount:>16,.2f}{why}")
    lines.append("")
    owed = stated.payers()
    lines += [f"  {payer.payer:60} {owed[payer.id]:>16,.2f}" for payer in stated.contract.payers]
    lines.append(f"  {'in all, US dollars':60} {stated.amount_usd:>16,.2f}")
    if elsewhere := stated.stated_elsewhere:
        lines += ["", f"  not counted here, but priced from a file (--quantities): {', '.join(elsewhere)}"]
    return [*lines, *_reimbursed(stated), *_stated_before(stated), *_pays_nothing(stated)]


def _stated_before(stated: "DueStatement") -> list[str]:
    """The frozen statements of the same period: what they told is not due again."""
    from decimal import Decimal

    before = [facts for facts in stated.before if facts["period"] == stated.period]
    told = [
        f"  stated before: statement {one['number']}, frozen on {one['frozen_on']}, {Decimal(one['total_usd']):,.2f}"
        for one in before
    ]
    return ["", *told, "  above is only what changed since"] if told else []


def _pays_nothing(stated: "DueStatement") -> list[str]:
    from pipelines.contracts import unknown_programmes

    notes = unknown_programmes(stated.contract)
    return ["", *(f"  note: {note}" for note in notes)] if notes else []


def _reimbursed(stated: "DueStatement") -> list[str]:
    beside = stated.reimbursed
    if beside is None:
        return []
    left = f" ({beside.services_without_cost:,} more without a cost)" if beside.services_without_cost else ""
    priced = beside.services - beside.services_without_cost
    told = f"beside it: reimbursing the cost of {priced:,} services{left}"
    return ["", f"  {told:60} {beside.reimbursed_usd:>16,.2f}"]


def _release(root: Path, release_id: str | None) -> dict[str, object]:
    """Id and inputs of the named release, or of the latest."""
    from pipelines.errors import ReleaseError
    from pipelines.lake import Lake
    from pipelines.publish import latest_release, read_manifest, release_folder

    release = release_folder(Lake(root), release_id) if release_id else latest_release(Lake(root))
    if release is None:
        raise ReleaseError("the lake has no release to freeze a statement on; run countylink run first")
    if not release.is_dir():
        raise ReleaseError(f"there is no release {release_id}; see published/outcomes/releases in the lake")
    manifest = read_manifest(release)
    return {"release_id": manifest["release_id"], "data_through": manifest["data_through"], **manifest["inputs"]}


def _print(document: object, lines: list[str], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(document, indent=2))
        return
    for line in lines:
        click.echo(line)
