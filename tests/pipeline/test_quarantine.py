"""A quarantined line waits until a later delivery mends it, drops it or takes its place."""

from __future__ import annotations

import csv
import json
import stat
from itertools import permutations
from pathlib import Path

import duckdb
import polars as pl
import pytest
from click.testing import CliRunner, Result

from pipelines.cli import main
from pipelines.spreadsheets import harmless
from pipelines.validate.keys import key_hash_sql, key_hashes, key_text
from pipelines.validate.quarantine import read_ledger
from tests.intake import PATIENT, PATIENT_HEADER, VISIT_HEADER, County, county, patient

GOOD = patient("p1") + patient("p2")
BAD = patient("p3", "Xyzzyname", "2024-02-30")
WHOLE = PATIENT.replace("semantics, value: delta", "semantics, value: full")


def ended(made: County) -> list[tuple[str, str, str | None]]:
    """Day of the delivery, rule, and how each line ended."""
    ledger = read_ledger(made.lake).sort("as_of_on", "delivery_id", "line_number")
    because = [code or "open" for code in ledger["closed_because_code"]]
    return list(zip((f"{day:%m-%d}" for day in ledger["as_of_on"]), ledger["rule_id"], because, strict=True))


def nights(root: Path, *nights: str, contract: str = PATIENT) -> County:
    """One delivery of patients a night, from 1 November on."""
    made = county(root)
    made.write_contract("patient", contract)
    for day, rows in enumerate(nights, 1):
        made.deliver({"patient.csv": PATIENT_HEADER + rows}, name=f"2026-11-{day:02}")
    made.run()
    return made


FIRST = ("11-01", "birth_date.not_a_date")
ENDS = {
    "its key comes again and is accepted": (GOOD + BAD, patient("p3"), [(*FIRST, "mended")]),
    "its key is deleted": (GOOD + BAD, patient("p3", record_action="D"), [(*FIRST, "deleted")]),
    "its key does not come": (GOOD + BAD, patient("p4"), [(*FIRST, "open")]),
    "its key is refused again": (
        GOOD + BAD,
        GOOD + patient("p3", birth_date="x"),
        [(*FIRST, "refused_again"), ("11-02", "birth_date.not_a_date", "open")],
    ),
    "it could not be read": (GOOD + "p3,Xyzzyname\n", patient("p3"), [("11-01", "row.too_few_fields", "open")]),
}


@pytest.mark.parametrize("case", ENDS, ids=str)
def test_a_line_of_a_delta_ends_when_its_key_comes_again(case: str, tmp_path: Path) -> None:
    first, second, expected = ENDS[case]
    assert ended(nights(tmp_path, first, second)) == expected


def test_a_whole_table_ends_every_line_of_the_one_before(tmp_path: Path) -> None:
    first = (
        GOOD + BAD + patient("p4", birth_date="x") + patient("p5", birth_date="x") + "p6,Xyzzyname\n" + patient("p7")
    )
    second = GOOD + patient("p3") + patient("p5", birth_date="y")
    made = nights(tmp_path, first + patient("p8"), second, contract=WHOLE)
    assert [because for _, _, because in ended(made)] == ["mended", "gone", "refused_again", "sent_anew", "open"]


def test_a_revision_of_the_day_takes_the_place_of_the_lines_that_it_does_not_hold(tmp_path: Path) -> None:
    made = nights(tmp_path, GOOD + BAD + "p6,Xyzzyname\n" + patient("p7"))
    made.deliver({"patient.csv": PATIENT_HEADER + GOOD}, name="2026-11-01.r2")
    made.run()
    assert [because for _, _, because in ended(made)] == ["gone", "sent_anew"]


def test_a_held_delivery_ends_nothing(tmp_path: Path) -> None:
    held = patient("p3") + patient("p4", birth_date="x") * 2 + patient("p5", birth_date="x")
    made = nights(tmp_path, GOOD + BAD, held)
    assert ended(made)[0] == (*FIRST, "open")
    assert set(read_ledger(made.lake)["delivery_status_code"]) == {"accepted", "held"}


def test_the_ledger_is_the_same_in_whatever_order_deliveries_come(tmp_path: Path) -> None:
    deliveries = {"2026-11-01": GOOD + BAD, "2026-11-02": patient("p3", birth_date="x"), "2026-11-03": patient("p3")}
    ledgers = []
    for i, order in enumerate(permutations(deliveries)):
        (tmp_path / str(i)).mkdir()
        made = county(tmp_path / str(i))
        for name in order:
            made.deliver({"patient.csv": PATIENT_HEADER + deliveries[name]}, name=name)
            made.run()
        ledgers.append(made.lake.path("quarantine", "ledger").read_bytes())
    assert len(set(ledgers)) == 1


def test_what_a_killed_run_left_of_the_ledger_is_removed(tmp_path: Path) -> None:
    made = nights(tmp_path, GOOD + BAD)
    leftover = made.lake.zone("quarantine") / ".ledger.parquet.1.staged"
    leftover.write_bytes(b"half")
    made.run()
    assert not leftover.exists()


def test_a_key_has_the_same_hash_in_the_quarantine_and_among_the_accepted_rows(tmp_path: Path) -> None:
    made = nights(tmp_path, GOOD)
    contract = made.contracts().get("clinic", "patient")
    assert contract is not None
    rows = made.validated("patient")
    ours = key_hashes(rows.select(key_text(contract)).to_series()).to_list()
    (path,) = made.lake.zone("validated").glob("*/*/patient.parquet")
    assert [one for (one,) in duckdb.execute(f"select {key_hash_sql(contract)} from '{path}'").fetchall()] == ours


def run(made: County, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["quarantine", arguments[0], "--lake", str(made.lake.root), *arguments[1:]])


def test_open_lines_are_counted_with_their_age(tmp_path: Path) -> None:
    made = nights(tmp_path, GOOD + BAD, patient("p9"), patient("p4", birth_date="x"))
    result = run(made, "list", "--as-of", "2026-11-11", "--json")
    (row,) = json.loads(result.output)
    assert result.exit_code == 0
    assert (row["rule_id"], row["lines"], row["deliveries"], row["oldest_days"]) == ("birth_date.not_a_date", 2, 2, 10)
    assert "oldest_days" in run(made, "list").output
    assert run(made, "list", "--agency", "nobody").output == "no line is open\n"


def test_lines_of_a_delivery_are_shown_with_column_rule_and_mend_and_no_value(tmp_path: Path) -> None:
    made = nights(tmp_path, GOOD + BAD + "p6,Xyzzyname\n" + patient("p7"))
    (receipt,) = made.run()
    output = run(made, "show", receipt.delivery_id, "--json").output
    assert [(row["line_number"], row["rule_id"], row["status_code"]) for row in json.loads(output)] == [
        (4, "birth_date.not_a_date", "open"),
        (5, "row.too_few_fields", "open"),
    ]
    assert "Xyzzyname" not in output
    assert "2024-02-30" not in output
    assert "p3" not in output
    narrowed = run(made, "show", receipt.delivery_id, "--table", "patient", "--rule", "row.too_few_fields").output
    assert len(narrowed.splitlines()) == 2


def test_an_unknown_delivery_is_an_error_that_says_where_to_look(tmp_path: Path) -> None:
    result = run(nights(tmp_path, GOOD), "show", "clinic_20260101_r1_0")
    assert result.exit_code == 1
    assert "validated/<agency>/ names them" in result.output


def exported(made: County, *flags: str) -> tuple[list[dict[str, str]], Path]:
    out = made.root / "back.csv"
    arguments = ["export", "clinic", "--contracts", str(made.root / "contracts"), "--out", str(out), *flags]
    assert run(made, *arguments).exit_code == 0
    with out.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file)), out


def test_an_agency_gets_its_open_lines_back_in_a_file_of_its_own(tmp_path: Path) -> None:
    made = nights(tmp_path, GOOD + BAD + "p6,Xyzzyname\n" + patient("=p7", birth_date="x") + patient("p8"), GOOD)
    rows, path = exported(made)
    assert [(row["file_name"], row["line_number"], row["rule_id"]) for row in rows] == [
        ("patient.csv", "4", "birth_date.not_a_date"),
        ("patient.csv", "5", "row.too_few_fields"),
        ("patient.csv", "6", "birth_date.not_a_date"),
    ]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "Xyzzyname" not in path.read_text(encoding="utf-8")
    assert "p3" not in path.read_text(encoding="utf-8")


def test_keys_are_given_back_only_where_they_are_asked_for_and_run_no_formula(tmp_path: Path) -> None:
    made = nights(tmp_path, GOOD + BAD + "p6,Xyzzyname\n" + patient("=p7", birth_date="x") + patient("p8"))
    rows, _ = exported(made, "--with-keys")
    assert [row["record_key"] for row in rows] == ["p3", "", "'=p7"]


def test_a_county_without_refused_lines_has_nothing_to_give_back(tmp_path: Path) -> None:
    made = nights(tmp_path, GOOD)
    assert exported(made)[0] == exported(made, "--with-keys")[0] == []
    assert run(made, "export", "nobody", "--out", str(tmp_path / "x.csv")).exit_code == 1


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@x", "\tx", "\rx"])
def test_a_cell_that_a_spreadsheet_would_run_is_disarmed(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"


def test_each_line_is_accepted_quarantined_or_superseded_and_only_one_of_them(tmp_path: Path) -> None:
    made = county(tmp_path)
    older = patient("p1", "Elm", updated_at="2026-09-01 00:00:00")
    made.deliver(
        {
            "patient.csv": PATIENT_HEADER + GOOD + patient("p1") + BAD + "p6\n",
            "patient.part2.csv": PATIENT_HEADER + older + patient("p4") + patient("p4", "Oak") + patient("p5"),
            "visit.csv": VISIT_HEADER + "v1,p1,2026-01-01,\n",
        }
    )
    (receipt,) = made.run()
    folder = f"clinic/{receipt.delivery_id}"
    ends = {
        "accepted": made.lake.zone("validated") / folder / "patient.parquet",
        "quarantined": made.lake.zone("quarantine") / folder / "patient.parquet",
        "superseded": made.lake.zone("validated") / folder / "superseded" / "patient.parquet",
    }
    lines = {name: pl.read_parquet(path).select("_file_name", "_line_number").rows() for name, path in ends.items()}
    first, second = "patient.csv", "patient.part2.csv"
    assert {name: sorted(where) for name, where in lines.items()} == {
        "accepted": [(first, 2), (first, 3), (second, 5)],
        "quarantined": [(first, 5), (first, 6), (second, 3), (second, 4)],
        "superseded": [(first, 4), (second, 2)],
    }
