"""`countylink statement`: what an outcomes contract pays, for quantities out of a file."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from pipelines.contracts import OutcomesContract, Statement

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("contract", metavar="CONTRACT")
@click.option("--quantities", type=FILE, required=True, help="CSV: clause_id, period, quantity.")
@click.option("--outcome-contracts", type=FOLDER, help="Folder of outcomes contracts; default: the shipped ones.")
@click.option("--json", "as_json", is_flag=True, help="Print the statement as JSON.")
def statement(contract: str, quantities: Path, outcome_contracts: Path | None, as_json: bool) -> None:
    """Price quantities under CONTRACT (an id, or the path of a YAML file), without a lake."""
    from pipelines.contracts import read_quantities, state_quantities

    terms = find_contract(contract, outcome_contracts)
    stated = state_quantities(terms, read_quantities(quantities, terms))
    if as_json:
        click.echo(json.dumps(stated.as_json(), indent=2))
        return
    for line in told(stated):
        click.echo(line)


def find_contract(named: str, folder: Path | None) -> "OutcomesContract":
    """The contract in a file, or the one of that id in the folder."""
    from pipelines.contracts import OUTCOME_CONTRACTS, read_outcome_contract
    from pipelines.errors import ContractError
    from pipelines.outcomes import DEFINITIONS, load_measures

    root = folder or OUTCOME_CONTRACTS
    own = root / "measures"
    measures = {measure.id: measure for measure in load_measures(own if own.is_dir() else DEFINITIONS)}
    path = Path(named)
    if path.suffix in (".yaml", ".yml"):
        if not path.is_file():
            raise ContractError(f"{named}: there is no such file; name an outcomes contract's YAML, or its id")
        return read_outcome_contract(path, measures)
    candidate = root / f"{named}.yaml"
    if not candidate.is_file():
        known = ", ".join(sorted(path.stem for path in root.glob("*.yaml")))
        raise ContractError(f"there is no outcomes contract {named}; there are {known}")
    return read_outcome_contract(candidate, measures)


def told(stated: "Statement") -> list[str]:
    """The statement for a terminal."""
    contract = stated.contract
    lines = [f"{contract.title} ({contract.id} {contract.version})", ""]
    for line in stated.lines:
        cuts = "".join(f", {cut.amount_usd:,.2f} cut by the {cut.cap} cap" for cut in line.cuts)
        unit = f"{line.unit.period:12} {line.unit.clause_id:32} {line.unit.quantity:>14,}"
        lines.append(f"  {unit} → {line.amount_usd:>16,.2f}{cuts}")
    lines.append("")
    for payer in contract.payers:
        lines.append(f"  {payer.payer:60} {stated.payer_usd(payer.id):>16,.2f}")
    lines.append(f"  {'in all, US dollars':60} {stated.amount_usd:>16,.2f}")
    return [*lines, *(f"  note: {warning}" for warning in stated.warnings())]
