"""`countylink underwrite`: what an outcomes contract may come to pay, and what that rests on."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipelines.commands.options import AS_JSON, EXISTING, EXISTING_FILE, FOLDER
from pipelines.commands.statement import CONTRACT, DEFINITIONS, find_contract

if TYPE_CHECKING:
    from pipelines.contracts import OutcomesContract
    from pipelines.underwriting import Case, Evidence, Underwriting


@click.command()
@CONTRACT
@click.option("--lake", "root", type=EXISTING, help="Folder of the lake; without one, everything is as stated.")
@click.option("--assumptions", "assumed", type=EXISTING_FILE, help="YAML of assumptions; default: the shipped one.")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="The same seed draws the same.")
@click.option("--draws", type=click.IntRange(100), default=10_000, show_default=True, help="How many draws.")
@click.option(
    "--price-by",
    type=click.Choice(["policy", "cost", "value"]),
    default="policy",
    show_default=True,
    help="Price at the contract's prices, or at those that cost or value would give.",
)
@click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help="What if; repeat for several.")
@click.option("--what-if", "files", type=EXISTING_FILE, multiple=True, help="YAML of what-ifs: place: value.")
@click.option("--out", type=FOLDER, help="Folder for the memo, the workbook and the tables.")
@DEFINITIONS
@AS_JSON
def underwrite(
    named: str,
    root: Path | None,
    assumed: Path | None,
    seed: int,
    draws: int,
    price_by: str,
    settings: tuple[str, ...],
    files: tuple[Path, ...],
    out: Path | None,
    folder: Path | None,
    as_json: bool,
) -> None:
    """Underwrite CONTRACT (an id, or the path of a YAML file): what it may pay, by what chance, and why.

    With --set or --what-if, the findings are those of the changed case, beside the difference to the unchanged one.
    Places are fields of the contract, as clauses.housed_12_months.price_usd, or of assumptions.take_up.base.
    """
    from pipelines.reports.underwriting import as_json as findings_as_json
    from pipelines.reports.underwriting import write_underwriting
    from pipelines.underwriting import differences, read_case, stated_changes

    contract, measures = find_contract(named, folder)
    at, changes = _assumptions(contract, assumed, folder), stated_changes(settings, files)
    cases = [read_case(contract.path, at, measures, changed) for changed in ([{}, changes] if changes else [{}])]
    release = _release(root)
    found = [_underwrite(case, _evidence(root, case), seed, draws, price_by, release) for case in cases]
    changed_by = differences(found[0], found[-1]) if changes else []
    written = write_underwriting(found[-1], out, changed_by) if out is not None else []
    if as_json:
        click.echo(json.dumps(findings_as_json(found[-1], changed_by), indent=2))
        return
    for line in (*told(found[-1]), *told_differences(changed_by)):
        click.echo(line)
    if written:
        click.echo(f"\nmemo in {written[-1]}, tables beside it")


def _assumptions(contract: "OutcomesContract", assumed: Path | None, folder: Path | None) -> Path:
    from pipelines.underwriting import assumptions_path

    if assumed is not None:
        return assumed
    return assumptions_path(contract.id, folder / "underwriting") if folder else assumptions_path(contract.id)


def _evidence(root: Path | None, case: "Case") -> "Evidence":
    from pipelines.lake import Lake
    from pipelines.underwriting import NO_EVIDENCE, gather

    return NO_EVIDENCE if root is None else gather(Lake(root), case)


def _release(root: Path | None) -> Mapping[str, Any]:
    from pipelines.lake import Lake
    from pipelines.publish import latest_release, read_manifest

    release = latest_release(Lake(root)) if root is not None else None
    if release is None:
        return {}
    manifest = read_manifest(release)
    return {"release_id": manifest["release_id"], "data_through": manifest["data_through"]}


def _underwrite(
    case: "Case", evidence: "Evidence", seed: int, draws: int, price_by: str, release: Mapping[str, Any]
) -> "Underwriting":
    from pipelines.underwriting import underwrite as run

    return run(case, evidence, seed=seed, draws=draws, price_by=price_by, release=release)


def told(found: "Underwriting") -> list[str]:
    """The findings for a terminal."""
    contract, tables = found.case.contract, found.tables
    rests_on = found.release.get("release_id", "no lake; all figures are stated")
    lines = [f"{contract.title} ({contract.id} {contract.version})", f"  rests on {rests_on}", ""]
    lines.append(f"  {'payments, US dollars':58} {'P5':>16} {'P50':>16} {'P95':>16}")
    lines += [
        f"  {row['title'][:58]:58} {row['p5_usd']:>16,.2f} {row['p50_usd']:>16,.2f} {row['p95_usd']:>16,.2f}"
        for row in tables["payments"]
    ]
    lines += ["", *(f"  {row['title'][:76]:76} {row['chance']:>7.1%}" for row in tables["chances"]), ""]
    for row in tables["break_even"]:
        scale = "–" if row["effect_scale"] is None else f"{row['effect_scale']:.2f} × effects"
        lines.append(f"  break-even, {row['title'].lower()} ${row['target_usd']:,.0f}: {scale} ({row['effects']})")
    lines += ["", f"  {'price of a unit, US dollars':58} {'by cost':>16} {'by value':>16} {'by policy':>16}"]
    for row in tables["prices"]:
        amounts = [row[f"by_{basis}_usd"] for basis in ("cost", "value", "policy")]
        lines.append(f"  {row['title'][:58]:58} " + " ".join(f"{_amount(amount):>16}" for amount in amounts))
    lines += ["", "  what the median payment depends on most:"]
    lines += [
        f"  {row['title'][:58]:58} {row['at_low_usd']:>16,.2f} to {row['at_high_usd']:>16,.2f}"
        for row in tables["tornado"][:5]
    ]
    return lines


def told_differences(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """What a what-if changes, for a terminal."""
    if not rows:
        return []
    lines = ["", f"  {'what if':64} {'base':>16} {'what if':>16} {'difference':>16}"]
    for row in rows:
        amounts = (row["base"], row["what_if"], row["difference"])
        lines.append(f"  {_short(row['figure']):64} " + " ".join(f"{_amount(amount):>16}" for amount in amounts))
    return lines


def _short(figure: str, width: int = 64) -> str:
    """A figure's name that fits: what is cut is the title's end, and not what is told of it."""
    title, comma, what = figure.rpartition(", ")
    if len(figure) <= width or not comma:
        return figure[:width]
    return f"{title[: width - len(what) - 4]} …, {what}"[:width]


def _amount(value: Any) -> str:
    return "–" if value is None else f"{value:,}"
