"""Contracts, the words for them and the code agree; where they do not, every fault is named."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from pipelines import standardise
from pipelines.cli import main
from pipelines.standardise import current
from pipelines.standardise.agreement import disagreements
from schemas.contract_fields import COLUMN_PROPERTIES, CONTRACT_PROPERTIES, TABLE_PROPERTIES
from schemas.contract_lint import VOCABULARY, faults, vocabulary_faults
from schemas.data_contract import LINKAGE_ROLES, SHIPPED_ROOT, DataContracts, load_contracts
from tests.intake import county


def test_the_shipped_contracts_are_well_formed_and_agree_with_the_code() -> None:
    assert faults(SHIPPED_ROOT) == []
    assert vocabulary_faults() == []
    assert disagreements(load_contracts()) == []


def test_every_fault_of_a_folder_is_told_and_not_only_the_first(tmp_path: Path) -> None:
    made = county(tmp_path)
    for table in ("patient", "visit"):
        path = tmp_path / "contracts" / "incoming" / "clinic" / f"{table}.odcs.yaml"
        path.write_text(path.read_text().replace("requiredTable", "requiredtable"))
    found = CliRunner().invoke(main, ["contract", "lint", str(made.root / "contracts")])
    assert found.exit_code == 1
    assert [line.split(":")[0] for line in found.output.splitlines()] == [
        "clinic/patient.odcs.yaml",
        "clinic/visit.odcs.yaml",
    ]
    assert found.output.count("requiredtable is not understood") == 2


def test_contracts_that_agree_with_nothing_together_are_told(tmp_path: Path) -> None:
    made = county(tmp_path)
    path = tmp_path / "contracts" / "incoming" / "clinic" / "visit.odcs.yaml"
    path.write_text(path.read_text().replace("to: patient.patient_id", "to: patient.number"))
    assert faults(made.root / "contracts") == [
        "clinic/visit.odcs.yaml: relationships.to names number, which is no column of this table"
    ]


def test_a_key_that_the_readme_does_not_tell_of_is_told() -> None:
    text = VOCABULARY.read_text(encoding="utf-8").replace("| `newestBy` |", "| `newestby` |")
    assert vocabulary_faults(text) == [
        "incoming/README.md does not tell of newestBy; add its meaning",
        "incoming/README.md tells of newestby, which nothing reads; remove it",
    ]
    assert not TABLE_PROPERTIES & COLUMN_PROPERTIES
    assert not CONTRACT_PROPERTIES & (TABLE_PROPERTIES | COLUMN_PROPERTIES)


def test_a_column_that_the_sql_reads_and_no_contract_promises_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    contracts = load_contracts()
    booking = contracts.get("sheriff", "booking")
    assert booking
    without = tuple(column for column in booking.columns if column.name != "booked_at")
    changed = DataContracts(
        contracts.root, tuple(replace(one, columns=without) if one is booking else one for one in contracts.all())
    )
    monkeypatch.setattr(current, "contracts_at", lambda _: changed)  # what is shipped promises it no more
    (fault,) = disagreements(changed)
    assert fault.startswith("standardise, bookings.sql: ")
    assert "booked_at" in fault


def test_every_linkage_role_is_known_and_read_by_the_code() -> None:
    folder = Path(standardise.__file__).parent
    code = "".join(path.read_text() for path in folder.glob("*.py"))
    unread = [role for role in LINKAGE_ROLES if f'"{role}"' not in code and f"'{role}'" not in code]
    assert unread == ["state"], (
        "a state of the union says nothing that the ZIP code does not; addresses are compared by it"
    )
    stated = {column.linkage_role for contract in load_contracts().all() for column in contract.columns}
    assert {(role or "client_id").partition(":")[0] for role in stated} <= {*LINKAGE_ROLES, "race_flag", "shared_id"}
