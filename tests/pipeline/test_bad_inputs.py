"""What each kind of bad input gets: held whole, quarantined row by row, set aside value by value, or normalised."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.intake import PATIENT, PATIENT_HEADER, VISIT_HEADER, county, patient

GOOD = PATIENT_HEADER + patient("p1") + patient("p2")
SECRET = "Xyzzyname"

HELD = {
    "an empty file": ("", "file.empty"),
    "a byte order mark and nothing else": (b"\xef\xbb\xbf", "file.empty"),
    "Latin-1 bytes": (GOOD.replace("Alder", "Peña").encode("latin-1"), "file.not_utf8"),
    "UTF-8 cut inside a letter": (GOOD.encode() + "é".encode()[:1], "file.not_utf8"),
    "UTF-16": (GOOD.encode("utf-16"), "file.utf16"),
    "a NUL byte": (GOOD + patient("p\0"), "file.nul_byte"),
    "semicolons": (GOOD.replace(",", ";"), "file.wrong_delimiter"),
    "tabs": (GOOD.replace(",", "\t"), "file.wrong_delimiter"),
    "a sep= line before the header": ("sep=,\n" + GOOD, "file.sep_line"),
    "a column named twice": (GOOD.replace("last_name", "SSN"), "file.duplicate_column"),
    "a column named by name and by alias": (GOOD.replace("fee_usd", "PatientNumber"), "column.named_twice"),
    "no required column": (GOOD.replace("last_name", "surname"), "column.missing"),
    "no header": (patient("p1") + patient("p2"), "column.missing"),
    "a header that does not close its quote": ('"' + GOOD, "file.malformed_header"),
    "a last row cut off": (GOOD + "p3,Xyzzyname,19", "file.truncated"),
    "a last row cut off inside quotes": (GOOD + 'p3,"Xyzzyna', "file.truncated"),
    "one line without end": (PATIENT_HEADER + "x" * (65 * 2**20), "file.line_too_long"),
    "mostly bad rows": (GOOD + patient("p3", "A", "x") * 5, "table.too_many_bad_rows"),
    "mostly broken values where values are set aside": (
        PATIENT_HEADER + "".join(patient(f"p{i}", ssn="12-34") for i in range(9)),
        "column.mostly_broken",
    ),
}


@pytest.mark.parametrize("case", HELD, ids=str)
def test_a_file_that_cannot_be_believed_holds_its_delivery(case: str, tmp_path: Path) -> None:
    content, rule = HELD[case]
    made = county(tmp_path)
    made.deliver({"patient.csv": content, "visit.csv": VISIT_HEADER + "v1,p1,2026-01-01,\n"})
    (receipt,) = made.run()
    assert receipt.status == "held"
    assert {(problem.rule_id, problem.file) for problem in receipt.held} == {(rule, "patient.csv")}
    assert all(problem.mend for problem in receipt.held)
    assert not list(made.lake.zone("validated").rglob("*.parquet"))


def test_a_wrong_delimiter_is_told_with_the_one_of_the_contract(tmp_path: Path) -> None:
    made = county(tmp_path)
    semicolons = "{{property: delimiter, value: ';'}}\n      - {{property: semantics"
    made.write_contract("patient", PATIENT.replace("{{property: semantics", semicolons))
    made.deliver({"patient.csv": GOOD, "visit.csv": VISIT_HEADER + "v1,p1,2026-01-01,\n"})
    ((problem,),) = (receipt.held for receipt in made.run())
    assert problem.mend.endswith("export with that of the contract (semicolons)")


ROW = {
    "a date that does not exist": ({"birth_date": "2024-02-30"}, "birth_date", "birth_date.not_a_date"),
    "a date in another format": ({"birth_date": "02/03/1980"}, "birth_date", "birth_date.not_a_date"),
    "an Excel day number": ({"birth_date": "29221"}, "birth_date", "birth_date.not_a_date"),
    "infinity as a date": ({"birth_date": "infinity"}, "birth_date", "birth_date.not_a_date"),
    "the year 0001": ({"birth_date": "0001-01-01"}, "birth_date", "birth_date.below_minimum"),
    "the year 9999": ({"updated_at": "9999-12-31 00:00:00"}, "updated_at", "updated_at.above_maximum"),
    "a birth in the future": ({"birth_date": "2026-12-01"}, "birth_date", "born_in_the_future"),
    "a second that does not exist": ({"updated_at": "2026-10-01 08:00:60"}, "updated_at", "updated_at.not_a_timestamp"),
    "a time without seconds": ({"updated_at": "2026-10-01 08:00"}, "updated_at", "updated_at.not_a_timestamp"),
    "5.6 as an integer": ({"visit_count": "5.6"}, "visit_count", "visit_count.not_an_integer"),
    "1e3 as an integer": ({"visit_count": "1e3"}, "visit_count", "visit_count.not_an_integer"),
    "0x1F as an integer": ({"visit_count": "0x1F"}, "visit_count", "visit_count.not_an_integer"),
    "1_000 as an integer": ({"visit_count": "1_000"}, "visit_count", "visit_count.not_an_integer"),
    "Arabic digits": ({"visit_count": "٣"}, "visit_count", "visit_count.not_an_integer"),
    "a padded integer": ({"visit_count": " 5"}, "visit_count", "visit_count.not_an_integer"),
    "a negative count": ({"visit_count": "-1"}, "visit_count", "visit_count.below_minimum"),
    "a count beyond the maximum": ({"visit_count": "1000"}, "visit_count", "visit_count.above_maximum"),
    "NaN as money": ({"fee_usd": "NaN"}, "fee_usd", "fee_usd.not_a_number"),
    "1e400 as money": ({"fee_usd": "1e400"}, "fee_usd", "fee_usd.not_a_number"),
    "a currency sign": ({"fee_usd": "$5"}, "fee_usd", "fee_usd.not_a_number"),
    "an unknown code": ({"sex_code": "X"}, "sex_code", "sex_code.unknown_code"),
    "a code in lower case": ({"sex_code": "f"}, "sex_code", "sex_code.unknown_code"),
    "an undeclared null token": ({"sex_code": "NULL"}, "sex_code", "sex_code.unknown_code"),
    "no value where one is required": ({"updated_at": ""}, "updated_at", "updated_at.missing"),
    "no key": ({"patient_id": ""}, "patient_id", "patient_id.missing"),
    "a key that is too long": ({"patient_id": "p" * 13}, "patient_id", "patient_id.too_long"),
}


@pytest.mark.parametrize("case", ROW, ids=str)
def test_a_bad_value_quarantines_its_row_with_column_rule_and_mend(case: str, tmp_path: Path) -> None:
    cells, column, rule = ROW[case]
    made = county(tmp_path)
    made.deliver({"patient.csv": GOOD + patient(**{"patient_id": "p3", **cells}) + patient("p4")})
    (receipt,) = made.run()
    counts = receipt.tables["patient"]
    assert (receipt.status, counts.rows_in, counts.accepted, counts.quarantined) == ("accepted", 4, 3, 1)
    assert made.quarantine("patient") == [(4, column, rule)]
    assert made.validated("patient")["patient_id"].to_list() == ["p1", "p2", "p4"]


UNREADABLE = {
    "too few fields": ("p3,Xyzzyname\n", "row.too_few_fields"),
    "too many fields": (patient("p3").replace("\n", ",extra\n"), "row.too_many_fields"),
    "a quote inside an unquoted field": (patient("p3", "5'6\" Tall"), "row.malformed_quotes"),
    "a quote that is never closed": (patient("p3", '"Xyzzyname'), "row.malformed_quotes"),
    "a row of more than a mebibyte": (patient("p3", "x" * 2**20), "row.too_long"),
}


@pytest.mark.parametrize("case", UNREADABLE, ids=str)
def test_a_line_that_is_no_row_is_quarantined_with_its_line_number(case: str, tmp_path: Path) -> None:
    line, rule = UNREADABLE[case]
    made = county(tmp_path)
    made.deliver({"patient.csv": GOOD + line + patient("p4")})
    (receipt,) = made.run()
    counts = receipt.tables["patient"]
    assert (receipt.status, counts.rows_in, counts.accepted, counts.quarantined) == ("accepted", 4, 3, 1)
    assert made.quarantine("patient") == [(4, "", rule)]


NORMALISED = {
    "a byte order mark": b"\xef\xbb\xbf" + GOOD.encode(),
    "CRLF line ends": GOOD.replace("\n", "\r\n"),
    "CR line ends": GOOD.replace("\n", "\r"),
    "mixed line ends": GOOD.replace("\n", "\r\n", 1),
    "no final line end": GOOD.rstrip("\n"),
    "blank lines": GOOD.replace("\n", "\n\n"),
    "every field quoted": "".join(
        ",".join(f'"{cell}"' for cell in line.split(",")) + "\n" for line in GOOD.splitlines()
    ),
    "a header in other case and padded": GOOD.replace("last_name,birth_date", " LAST_NAME ,Birth_Date"),
    "a header alias": GOOD.replace("patient_id", "PatientNumber"),
    "a declared null token": GOOD.replace("1980-01-02", "0000-00-00"),
    "the second declared date format": GOOD.replace("1980-01-02", "02.01.1980"),
    "an extra column, which is not carried on": "".join(
        line + tail + "\n" for line, tail in zip(GOOD.splitlines(), (",shoe_size", ",42", ",43"), strict=True)
    ),
    "a formula, kept as it is": GOOD.replace("Alder", "=1+1"),
    "a header alone": PATIENT_HEADER,
}


@pytest.mark.parametrize("case", NORMALISED, ids=str)
def test_a_harmless_difference_is_read_through(case: str, tmp_path: Path) -> None:
    made = county(tmp_path)
    made.deliver({"patient.csv": NORMALISED[case]})
    (receipt,) = made.run()
    assert receipt.status == "accepted"
    rows = made.validated("patient")
    assert rows["patient_id"].to_list() == ([] if case == "a header alone" else ["p1", "p2"])
    assert rows.columns[:2] == ["patient_id", "last_name"]
    assert "shoe_size" not in rows.columns


def test_a_reordered_header_swaps_nothing(tmp_path: Path) -> None:
    made = county(tmp_path)
    names = PATIENT_HEADER.strip().split(",")
    shuffled = [5, 1, 0, 8, 2, 4, 3, 7, 6]
    rows = [",".join(line.split(",")[i] for i in shuffled) for line in patient("p1", "Alder").splitlines()]
    made.deliver({"patient.csv": ",".join(names[i] for i in shuffled) + "\n" + "\n".join(rows) + "\n"})
    made.run()
    row = made.validated("patient").row(0, named=True)
    assert (row["patient_id"], row["last_name"], row["ssn"], row["visit_count"]) == ("p1", "Alder", "123456789", 3)


def test_a_broken_value_of_a_detail_is_set_aside_and_its_row_stays(tmp_path: Path) -> None:
    made = county(tmp_path)
    made.deliver({"patient.csv": GOOD + patient("p3", ssn="12-34")})
    (receipt,) = made.run()
    assert receipt.tables["patient"].values_set_aside == 1
    assert [(one.rule_id, one.column) for one in receipt.warnings] == [("ssn.wrong_form", "ssn")]
    assert made.validated("patient")["ssn"].to_list() == ["123456789", "123456789", None]


def test_one_agency_held_does_not_hold_another(tmp_path: Path) -> None:
    made = county(tmp_path)
    other = tmp_path / "contracts" / "incoming" / "shelter"
    other.mkdir()
    text = (tmp_path / "contracts" / "incoming" / "clinic" / "patient.odcs.yaml").read_text()
    (other / "patient.odcs.yaml").write_text(text.replace("clinic.patient", "shelter.patient"))
    made.deliver({"patient.csv": ""})
    made.deliver({"patient.csv": GOOD}, agency="shelter")
    assert {one.agency: one.status for one in made.run()} == {"clinic": "held", "shelter": "accepted"}


@pytest.mark.parametrize("content", [content for content, _ in HELD.values()])
def test_no_value_of_a_row_is_in_what_is_told(content: str | bytes, tmp_path: Path) -> None:
    made = county(tmp_path)
    planted = (
        content.replace("Alder", SECRET) if isinstance(content, str) else content.replace(b"Alder", SECRET.encode())
    )
    made.deliver({"patient.csv": planted})
    report = made.take()
    told = str([delivery.problems for delivery in report.taken]) + str(report.refused) + str(report.warnings)
    for receipt in made.run():
        told += str(receipt)
    assert SECRET not in told
    assert "123456789" not in told
    assert "1980-01-02" not in told


def test_no_value_of_a_row_is_in_the_quarantine(tmp_path: Path) -> None:
    made = county(tmp_path)
    made.deliver({"patient.csv": GOOD + patient("p3", SECRET, "1980-02-31") + "p4," + SECRET + "\n"})
    made.run()
    paths = sorted(made.lake.zone("quarantine").rglob("*.parquet"))
    assert [path.name for path in paths] == ["patient.parquet", "ledger.parquet"]
    for content in (path.read_bytes() for path in paths):
        assert SECRET.encode() not in content
        assert b"1980-02-31" not in content
