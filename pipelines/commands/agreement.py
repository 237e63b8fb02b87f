"""Whether data contracts, the words for them and the code agree."""

from pathlib import Path

from pipelines.standardise.agreement import disagreements
from schemas.contract_lint import faults, vocabulary_faults
from schemas.data_contract import load_contracts


def contract_faults(root: Path) -> tuple[list[str], int]:
    """Everything that is wrong with a folder of contracts, and how many contracts there are."""
    checked = len(list((root / "incoming").glob("*/*.odcs.yaml")))
    found = faults(root)
    return (found or [*vocabulary_faults(), *disagreements(load_contracts(root))]), checked
