"""Everything that is wrong with a folder of data contracts, at once: the run itself stops at the first."""

from __future__ import annotations

import re
from pathlib import Path

from pipelines.errors import ContractError
from schemas.contract_checks import check_contracts
from schemas.contract_fields import COLUMN_PROPERTIES, CONTRACT_PROPERTIES, TABLE_PROPERTIES
from schemas.contract_reading import read_contract
from schemas.data_contract import SHIPPED_ROOT, DataContract, DataContracts
from schemas.file_terms import FILE_PROPERTIES

VOCABULARY = SHIPPED_ROOT / "incoming" / "README.md"
FIRST_CELL = re.compile(r"^\|(?P<cell>[^|]*)\|", re.MULTILINE)
NAME = re.compile(r"`([A-Za-z]+)`")


def faults(root: Path) -> list[str]:
    """Each file that cannot be read, with its reason; when all can, the first thing wrong with each agency's."""
    files = sorted((root / "incoming").glob("*/*.odcs.yaml"))
    if not files:
        return [f"{root / 'incoming'}: no data contract is there; put one YAML a table at <agency>/<table>.odcs.yaml"]
    read, found = _read_all(files, root)
    if found:
        return found
    contracts = DataContracts(root, tuple(read))
    return [fault for agency in contracts.agencies if (fault := _fault(DataContracts(root, contracts.of(agency))))]


def _fault(contracts: DataContracts) -> str:
    try:
        check_contracts(contracts)
    except ContractError as fault:
        return str(fault)
    return ""


def vocabulary_faults(text: str | None = None) -> list[str]:
    """Keys that the reader knows and README.md does not tell, and the other way round."""
    told = VOCABULARY.read_text(encoding="utf-8") if text is None else text
    documented = {name for row in FIRST_CELL.finditer(told) for name in NAME.findall(row["cell"])}
    known = TABLE_PROPERTIES | FILE_PROPERTIES | COLUMN_PROPERTIES | CONTRACT_PROPERTIES
    missing = [f"incoming/README.md does not tell of {name}; add its meaning" for name in sorted(known - documented)]
    return missing + [
        f"incoming/README.md tells of {name}, which nothing reads; remove it" for name in sorted(documented - known)
    ]


def _read_all(files: list[Path], root: Path) -> tuple[list[DataContract], list[str]]:
    read, found = [], []
    for path in files:
        try:
            read.append(read_contract(path, root))
        except ContractError as fault:
            found.append(str(fault))
    return read, found
