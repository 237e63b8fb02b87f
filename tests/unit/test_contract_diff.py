"""What changed between two contracts, by how much it breaks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from pipelines.cli import main
from schemas.contract_diff import diff
from tests.intake import PATIENT, VISIT, County, county

NAME = "- name: last_name\n        description: family name\n        logicalType: string"
SSN = "logicalTypeOptions: {{maxLength: 9, pattern"


@pytest.fixture
def old(tmp_path: Path) -> County:
    (tmp_path / "old").mkdir()
    return county(tmp_path / "old")


def changes(old: County, before: str, after: str) -> list[tuple[str, str]]:
    """Severity and column of each change when one text of the patients' contract is replaced."""
    assert before in PATIENT
    new = County(old.root.parent / "new")
    new.write_contract("patient", PATIENT.replace(before, after, 1))
    new.write_contract("visit", VISIT)
    found = diff(old.root / "contracts", new.root / "contracts")
    return [(change.severity, change.column) for one in found for change in one.changes]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("- name: last_name", "- name: surname", [("breaking", "last_name"), ("breaking", "surname")]),
        (NAME, NAME + "\n        required: true", [("breaking", "last_name")]),
        ("logicalType: integer", "logicalType: number", [("breaking", "visit_count")]),
        ("{{minimum: 0, maximum: 999}}", "{{minimum: 1, maximum: 999}}", [("breaking", "visit_count")]),
        ("{{minimum: 0, maximum: 999}}", "{{minimum: 0}}", [("harmless", "visit_count")]),
        (SSN, SSN.replace("9", "8"), [("breaking", "ssn")]),
        (SSN, SSN.replace("9", "11"), [("harmless", "ssn")]),
        ('pattern: "^[0-9]{{9}}$"', 'pattern: "^[1-9]{{9}}$"', [("needs-care", "ssn")]),
        ("value: cell", "value: row", [("breaking", "ssn")]),
        ('"M": male, "U"', '"M": man, "U"', [("needs-care", "sex_code")]),
        ('["%Y-%m-%d", "%d.%m.%Y"]', '["%Y-%m-%d"]', [("breaking", "birth_date")]),
        ('["0000-00-00"]', '["0000-00-00", "1900-01-01"]', [("needs-care", "birth_date")]),
        ("description: family name", "description: last name", [("harmless", "last_name")]),
        ("{{property: semantics, value: delta}}", "{{property: semantics, value: full}}", [("breaking", "")]),
        ("maxBadRowShare, value: 0.5", "maxBadRowShare, value: 0.6", [("harmless", "")]),
        ("maxBadRowShare, value: 0.5", "maxBadRowShare, value: 0.4", [("breaking", "")]),
        ("legalBasis, value: a test", "legalBasis, value: another", [("needs-care", "")]),
        ("mend: send the true birth date", "mend: send it again", [("needs-care", "")]),
    ],
    ids=str,
)  # fmt: skip
def test_a_change_is_as_grave_as_what_it_does_to_yesterdays_file(
    old: County, before: str, after: str, expected: list[tuple[str, str]]
) -> None:
    found = changes(old, before, after)
    if before == "{{property: semantics, value: delta}}":  # its breakers' defaults change with it
        found = [one for one in found if one[0] == "breaking"]
    if "maxBadRowShare" in before:  # so does the share of values set aside
        found = found[:1]
    assert found == expected


def test_a_code_taken_out_breaks_and_one_put_in_does_not(old: County) -> None:
    codes, ours = '{{"F": female, "M": male, "U": unknown}}', '{{"F": "F", "M": "M", "U": null}}'
    assert changes(old, codes, codes.replace(', "U": unknown', "")) == [("breaking", "sex_code")]
    assert changes(old, codes, codes.replace("unknown}}", 'unknown, "X": other}}')) == [("harmless", "sex_code")]
    assert changes(old, ours, ours.replace("null", '"F"')) == [("needs-care", "sex_code")]


def test_a_breaking_change_must_raise_the_major_version(old: County) -> None:
    path = old.root / "contracts" / "incoming" / "clinic" / "visit.odcs.yaml"
    new = old.root / "new" / "incoming" / "clinic" / "visit.odcs.yaml"
    new.parent.mkdir(parents=True)
    text = path.read_text().replace("name: ended_on", "name: last_on").replace("later: ended_on", "later: last_on")
    for version, expected in (("1.0.0", 1), ("1.9.0", 1), ("2.0.0", 0)):
        new.write_text(text.replace("version: 1.0.0", f"version: {version}"))
        found = CliRunner().invoke(main, ["contract", "diff", str(path), str(new)])
        assert found.exit_code == expected, found.output
        assert "breaking   ended_on: the column was removed" in found.output
    assert "raise the major version" not in found.output


def test_a_table_that_is_gone_breaks_and_a_new_one_that_may_be_left_out_does_not(old: County, tmp_path: Path) -> None:
    new = County(tmp_path / "new")
    new.write_contract("patient", PATIENT)
    there, gone = str(old.root / "contracts"), str(new.root / "contracts")
    lost = CliRunner().invoke(main, ["contract", "diff", there, gone, "--json"])
    (one,) = json.loads(lost.output)["contracts"]
    assert (lost.exit_code, one["contract"], one["changes"][0]["severity"]) == (1, "clinic.visit", "breaking")
    assert CliRunner().invoke(main, ["contract", "diff", gone, there]).exit_code == 0


def test_the_same_contracts_have_no_difference(old: County) -> None:
    folder = str(old.root / "contracts")
    found = CliRunner().invoke(main, ["contract", "diff", folder, folder])
    assert (found.exit_code, found.output) == (0, "nothing changed\n")


def test_a_file_is_not_held_against_a_folder(old: County) -> None:
    folder = old.root / "contracts"
    found = CliRunner().invoke(main, ["contract", "diff", str(folder), str(next(folder.rglob("*.yaml")))])
    assert (found.exit_code, "a folder of contracts against another" in found.output) == (1, True)
