"""`countylink check`: what an agency is told of a file before it sends it."""

from __future__ import annotations

import json
import tempfile
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pipelines.cli import main
from tests.intake import PATIENT_HEADER, VISIT_HEADER, County, county, patient

GOOD = PATIENT_HEADER + patient("p1") + patient("p2")
BAD = GOOD + patient("p3", "Xyzzyname", birth_date="31.02.1980") + patient("p4", birth_date="x")


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> County:
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    return county(tmp_path)


def check(made: County, name: str, content: str | bytes, *options: str) -> Result:
    path = made.root / "outbox" / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return run(made, path, *options)


def run(made: County, path: Path, *options: str) -> Result:
    return CliRunner().invoke(main, ["check", str(path), "--contracts", str(made.root / "contracts"), *options])


def test_a_clean_file_can_be_sent(made: County) -> None:
    found = check(made, "patient.csv", GOOD)
    assert (found.exit_code, found.output.splitlines()[-1]) == (0, "clean: it can be sent")
    assert "patient: 2 rows, of them 2 accepted, 0 quarantined, 0 superseded" in found.output


def test_bad_rows_are_told_by_line_column_rule_and_mend_and_never_by_value(made: County) -> None:
    found = check(made, "patient.csv", BAD)
    assert found.exit_code == 1
    assert "patient.csv birth_date: birth_date.not_a_date: send a date that exists, written %Y-%m-%d or" in found.output
    assert "    lines 4, 5" in found.output
    assert "Xyzzyname" not in found.output and "31.02" not in found.output


def test_only_the_first_lines_of_a_rule_are_named(made: County) -> None:
    assert "    lines 4 and 1 more" in check(made, "patient.csv", BAD, "--first", "1").output


@pytest.mark.parametrize(
    ("name", "content", "rule"),
    [
        ("patient.csv", GOOD.encode("utf-16"), "file.utf16"),
        ("patient.csv", GOOD.replace("last_name", "surname"), "column.missing"),
        ("visit.csv", VISIT_HEADER, "table.empty"),
    ],
    ids=str,
)
def test_a_file_that_would_hold_its_delivery_is_held(made: County, name: str, content: str, rule: str) -> None:
    found = check(made, name, content)
    assert found.exit_code == 2
    assert f": {rule}: " in found.output


def test_a_file_alone_is_not_held_for_the_tables_that_it_does_not_bring(made: County) -> None:
    assert check(made, "visit.csv", VISIT_HEADER + "v1,p1,2026-01-01,\n").exit_code == 0


def test_an_archive_is_a_whole_delivery(made: County) -> None:
    path = made.root / "2026-11-01.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("visit.csv", VISIT_HEADER + "v1,p1,2026-01-01,\n")
    found = run(made, path, "--contract", "clinic")
    assert (found.exit_code, "table.missing" in found.output) == (2, True)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("patient.csv", GOOD)
    assert run(made, path, "--contract", "clinic").exit_code == 0
    assert "say --contract with one of clinic" in run(made, path).output


def test_a_contract_is_found_by_name_or_asked_for(made: County) -> None:
    unknown = check(made, "export_17.csv", GOOD)
    assert unknown.exit_code == 2
    assert "no contract names this file; say --contract with one of clinic.patient, clinic.visit" in unknown.output
    assert check(made, "export_17.csv", GOOD, "--contract", "clinic.patient").exit_code == 0
    assert check(made, "patient.csv", GOOD, "--contract", "clinic.person").exit_code == 2


@pytest.mark.parametrize("name", ["nowhere.csv", "."], ids=str)
def test_what_cannot_be_read_is_held_and_not_a_traceback(made: County, name: str) -> None:
    found = run(made, made.root / name)
    assert (found.exit_code, "there is no such file" in found.output) == (2, True)
    assert isinstance(found.exception, SystemExit)


def test_contracts_that_cannot_be_read_are_told_too(made: County) -> None:
    (made.root / "contracts" / "incoming" / "clinic" / "visit.odcs.yaml").write_text("id: [")
    found = check(made, "patient.csv", GOOD)
    assert (found.exit_code, "clinic/visit.odcs.yaml: is not YAML" in found.output) == (2, True)


def test_the_json_says_the_same(made: County) -> None:
    found = check(made, "patient.csv", BAD, "--json", "--as-of", "2026-11-01")
    told = json.loads(found.output)
    assert found.exit_code == told["exit_code"] == 1
    assert {name: told[name] for name in ("format", "file", "contract", "as_of", "verdict", "held")} == {
        "format": "countylink-check-1",
        "file": "patient.csv",
        "contract": "clinic.patient",
        "as_of": "2026-11-01",
        "verdict": "quarantined",
        "held": [],
    }
    counts = {"rows_in": 4, "accepted": 2, "quarantined": 2, "superseded": 0, "values_set_aside": 0}
    assert told["tables"] == {"patient": counts}
    (rule,) = told["quarantined"]
    assert (rule["rule"], rule["column"], rule["rows"], rule["lines"]) == (
        "birth_date.not_a_date",
        "birth_date",
        2,
        [4, 5],
    )


def test_the_as_of_date_is_that_of_the_folder_which_the_file_lies_in(made: County) -> None:
    folder = made.deliver({"patient.csv": GOOD}, name="2026-11-03")
    assert json.loads(run(made, folder / "patient.csv", "--json").output)["as_of"] == "2026-11-03"


def test_nothing_stays_behind_and_the_file_is_as_it_was(made: County) -> None:
    check(made, "patient.csv", BAD)
    assert list((made.root / "temporary").iterdir()) == []
    assert (made.root / "outbox" / "patient.csv").read_text() == BAD


def test_a_night_comes_to_the_same_as_the_check(made: County) -> None:
    told = json.loads(check(made, "patient.csv", BAD, "--json", "--as-of", "2026-11-01").output)
    made.deliver({"patient.csv": BAD})
    made.run()
    lines = [line for line, _, _ in made.quarantine("patient")]
    assert told["quarantined"][0]["lines"] == lines
