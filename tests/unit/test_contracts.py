"""Data contracts: those shipped are well formed, and one that is not says which file, which field, and what to do."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pipelines.errors import ContractError
from schemas.data_contract import IDENTITY_ROLES, STANDARD_CODES, load_contracts
from schemas.date_formats import pattern_of
from schemas.from_contract import compile_contract
from tests.intake import AS_OF, PATIENT, county

SHIPPED = load_contracts()

TABLES = {
    "fhsp": {"tenancy"},
    "health": {"encounter", "encounter_diagnosis", "patient"},
    "hmis": {
        "client",
        "current_living_situation",
        "disabilities",
        "enrollment",
        "exit",
        "export",
        "funder",
        "health_and_dv",
        "organization",
        "project",
        "services",
    },
    "mental_health": {
        "client",
        "crisis_encounter",
        "fsp_enrollment",
        "fsp_key_event",
        "fsp_quarterly",
        "inpatient_stay",
        "provider",
        "service",
    },
    "sheriff": {"alias", "booking", "charge", "person", "release"},
}


def test_every_agency_has_its_contracts() -> None:
    assert {agency: {one.table for one in SHIPPED.of(agency)} for agency in SHIPPED.agencies} == TABLES


@pytest.mark.parametrize("contract", SHIPPED.all(), ids=lambda contract: contract.id)
def test_every_shipped_contract_compiles(contract) -> None:
    compiled = compile_contract(contract, AS_OF)
    assert set(compiled.as_text.as_pandera().columns) == set(compiled.typed.as_pandera().columns)
    assert contract.grain
    assert contract.owner.startswith("team:")
    assert contract.permitted_purposes
    assert contract.legal_basis


@pytest.mark.parametrize("contract", SHIPPED.all(), ids=lambda contract: contract.id)
def test_no_shipped_column_that_tells_who_somebody_is_goes_unclassified(contract) -> None:
    for column in contract.columns:
        if column.linkage_role in IDENTITY_ROLES:
            assert column.classification in ("direct_identifier", "quasi_identifier")


def test_coded_roles_map_to_our_codes_only() -> None:
    for contract in SHIPPED.all():
        for column in contract.columns:
            if column.standard_codes is not None:
                assert set(column.standard_codes) == set(column.codes)
                ours = STANDARD_CODES[column.linkage_role]
                assert set(column.standard_codes.values()) - {None} <= set(ours)


def test_hmis_client_columns_are_those_of_fiscal_year_2026() -> None:
    names = SHIPPED.get("hmis", "client").column_names
    assert len(names) == 38
    assert "Sex" in names
    assert "Woman" not in names


def test_the_hash_of_contracts_follows_a_code_list(tmp_path: Path) -> None:
    made = county(tmp_path)
    coded = PATIENT.replace(
        '{{property: codes, value: {{"F": female, "M": male, "U": unknown}}}}', "{{property: codeList, value: sexes}}"
    )
    lists = tmp_path / "contracts" / "code_lists"
    lists.mkdir()
    made.write_contract("patient", coded)
    (lists / "sexes.csv").write_text("code,meaning\nF,female\nM,male\nU,unknown\n")
    before = made.contracts()
    (lists / "sexes.csv").write_text("code,meaning\nF,female\nM,man\nU,unknown\n")
    after = made.contracts()
    assert before.sha256 != after.sha256
    assert before.agency_sha256("clinic") != after.agency_sha256("clinic")


BROKEN = {
    "not yaml": ("schema:\n", "schema: [\n", "is not YAML"),
    "not ODCS": ("kind: DataContract", "kind: Contract", "Open Data Contract Standard"),
    "another table's id": ("id: clinic.{table}", "id: clinic.other", "id must be clinic.patient"),
    "a misspelt property": ("property: nullTokens", "property: nullToken", "nullToken is not understood"),
    "a misspelt key": (
        "        required: true\n        primaryKey",
        "        needed: true\n        primaryKey",
        "needed",
    ),
    "an unknown role": ("value: last_name}}", "value: surname}}", "linkageRole must be one of"),
    "an unknown classification": ("classification: quasi_identifier", "classification: secret", "classification must"),
    "unmapped sex codes": ('{{"F": "F", "M": "M", "U": null}}', '{{"F": "F"}}', "must map exactly the codes"),
    "another's sex codes": ('"U": null}}', '"U": X}}', "standardCodes may only give F, M"),
    "formats that look alike": ('"%d.%m.%Y"', '"%Y-%d-%m"', "two formats look alike"),
    "a format of no fixed width": ('"%d.%m.%Y"', '"%B %d %Y"', "%B is not read"),
    "a pattern of a part": ("^[0-9]{{9}}$", "[0-9]{{9}}", "must begin with ^"),
    "a pattern with look-around": ("^[0-9]{{9}}$", "^(?=a)$", "no look-around"),
    "a newest-by of no column": (
        "newestBy, value: updated_at",
        "newestBy, value: changed_at",
        "newestBy names changed_at",
    ),
    "a rule over no column": ("later: birth_date,", "later: born_on,", "names born_on"),
    "no business key": ("        primaryKey: true\n", "", "mark the business key"),
    "a share above one": ("maxBadRowShare, value: 0.5", "maxBadRowShare, value: 5", "must lie between 0 and 1"),
    "no delivery schedule": ("property: frequency", "property: retention", "lacks frequency"),
    "a missing code list": (
        'codes, value: {{"U": upsert, "D": delete}}',
        "codeList, value: actions",
        "there is no code_lists/actions.csv",
    ),
    "an alias of another column": ("aliases, value: [PatientNumber]", "aliases, value: [SSN]", "is named twice"),
}


@pytest.mark.parametrize("case", BROKEN, ids=str)
def test_a_malformed_contract_says_file_field_and_mend(case: str, tmp_path: Path) -> None:
    was, becomes, said = BROKEN[case]
    assert was in PATIENT
    made = county(tmp_path)
    made.write_contract("patient", PATIENT.replace(was, becomes))
    with pytest.raises(ContractError) as problem:
        made.contracts()
    assert "patient.odcs.yaml" in str(problem.value)
    assert said in str(problem.value)


def test_an_empty_contracts_folder_says_where_contracts_belong(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="no data contract is there"):
        load_contracts(tmp_path)


def test_a_date_format_reads_its_own_width_only() -> None:
    reads = re.compile(pattern_of("%Y-%m-%d")).match
    assert reads("2024-02-29")
    assert not any(reads(text) for text in ("24-02-29", "2024-2-29", "2024-02-29 ", "20240229", "0000-02-29"))
    with pytest.raises(ValueError, match="year, a month and a day"):
        pattern_of("%Y-%m")
