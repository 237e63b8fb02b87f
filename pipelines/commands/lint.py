"""Whether every contract and definition can be read; the loaders check what they read and name file, field and mend."""

from collections.abc import Iterator
from pathlib import Path

from pipelines.commands.agreement import contract_faults
from pipelines.comparison import load_specifications
from pipelines.contracts import load_outcome_contracts, unknown_programmes
from pipelines.errors import ContractError
from pipelines.outcomes import load_measures
from pipelines.products import PRODUCTS, load_law, load_products
from pipelines.products.law import regimes_by_agency
from pipelines.publish import load_published_contracts
from pipelines.publish.disclosure.model import load_model
from pipelines.publish.disclosure.modelled import unmodelled_columns
from pipelines.publish.published_contracts import PUBLISHED_CONTRACTS
from pipelines.underwriting import check_assumptions
from schemas.data_contract import load_contracts


def lint_all(contracts: Path, outcome_contracts: Path) -> Iterator[str]:
    """Read everything; a line for each kind, with how many there are.

    Raises:
        ContractError: the first that is not well formed.
    """
    incoming = load_contracts(contracts)
    found, _ = contract_faults(contracts)
    if found:
        raise ContractError("; ".join(found))
    yield f"{len(incoming.all())} data contracts of {len(incoming.agencies)} agencies, which agree with the code"
    published = load_published_contracts(PUBLISHED_CONTRACTS)
    if unmodelled := unmodelled_columns(published, load_model()):
        raise ContractError("; ".join(unmodelled))
    yield f"{len(published)} published contracts, and disclosure control knows every column that counts people"
    measures = load_measures(outcome_contracts / "measures")
    yield f"{len(measures)} measures"
    known = {measure.id: measure for measure in measures}
    contracts_by_id = {one.id: one for one in load_outcome_contracts(outcome_contracts, known)}
    yield f"{len(contracts_by_id)} outcomes contracts"
    for contract in contracts_by_id.values():
        yield from (f"  note: {note}" for note in unknown_programmes(contract))
    assumed = check_assumptions(outcome_contracts / "underwriting", contracts_by_id, known)
    yield f"{assumed} sets of assumptions to underwrite them on"
    yield f"{len(load_specifications(outcome_contracts / 'comparisons'))} comparisons"
    law = load_law()
    regimes_by_agency(incoming, law)
    yield f"{len(load_products(PRODUCTS, load_published_contracts(), law))} products of recipients"
