"""What becomes of a delivery: accepted or held, every row accounted for, once."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import duckdb
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.errors import CountylinkError, LakeError
from pipelines.ingest.delivery import AS_SENT
from pipelines.ingest.seals import seal
from pipelines.lake import Lake
from pipelines.validate import accepted_deliveries, validate_deliveries
from schemas.from_contract import prove_that_checks_run
from tests.intake import PATIENT, PATIENT_HEADER, VISIT_HEADER, County, county, patient

GOOD = PATIENT_HEADER + patient("p1") + patient("p2")


def test_accepted_rows_are_typed_and_can_be_traced(tmp_path: Path) -> None:
    made = county(tmp_path)
    made.deliver({"patient.csv": GOOD})
    (receipt,) = made.run()
    path = receipt.path(made.lake, "patient")
    types = dict(duckdb.sql(f"select column_name, column_type from (describe from '{path}')").fetchall())
    assert types == {
        "patient_id": "VARCHAR",
        "last_name": "VARCHAR",
        "birth_date": "DATE",
        "ssn": "VARCHAR",
        "sex_code": "VARCHAR",
        "visit_count": "BIGINT",
        "fee_usd": "DECIMAL(18,4)",
        "updated_at": "TIMESTAMP",
        "record_action": "VARCHAR",
        "_delivery_id": "VARCHAR",
        "_file_name": "VARCHAR",
        "_line_number": "BIGINT",
    }
    rows = made.validated("patient").select("patient_id", "_delivery_id", "_line_number").rows()
    assert rows == [("p1", receipt.delivery_id, 2), ("p2", receipt.delivery_id, 3)]
    assert receipt.data_through == date(2026, 10, 31)


def duplicates(tmp_path: Path, *rows: str) -> tuple[tuple[int, int, int], list[int], list[tuple[int, str, str]]]:
    """Accepted, quarantined, superseded; the lines accepted; the quarantine."""
    made = county(tmp_path)
    made.deliver({"patient.csv": PATIENT_HEADER + patient("other") + "".join(rows)})
    (receipt,) = made.run()
    counts = receipt.tables["patient"]
    lines = [] if not receipt.is_accepted else made.validated("patient")["_line_number"].to_list()
    return (counts.accepted, counts.quarantined, counts.superseded), lines, made.quarantine("patient")


def test_the_same_row_twice_is_one_row_and_a_superseded_copy(tmp_path: Path) -> None:
    assert duplicates(tmp_path, patient("p1"), patient("p1")) == ((2, 0, 1), [2, 3], [])


def test_of_two_versions_of_a_key_the_newest_stays(tmp_path: Path) -> None:
    newer = patient("p1", "Birch", updated_at="2026-10-02 00:00:00")
    assert duplicates(tmp_path, newer, patient("p1")) == ((2, 0, 1), [2, 3], [])


def test_two_newest_versions_that_differ_are_both_quarantined(tmp_path: Path) -> None:
    older = patient("p1", "Cedar", updated_at="2026-09-01 00:00:00")
    counts, lines, quarantine = duplicates(tmp_path, patient("p1"), older, patient("p1", "Birch"), *map(patient, "abc"))
    assert (counts, lines) == ((4, 2, 1), [2, 6, 7, 8])
    assert quarantine == [(3, "patient_id", "duplicate_key"), (5, "patient_id", "duplicate_key")]


def test_a_bad_version_does_not_take_the_place_of_a_good_one(tmp_path: Path) -> None:
    bad = patient("p1", birth_date="2024-02-30", updated_at="2026-10-02 00:00:00")
    assert duplicates(tmp_path, patient("p1"), bad)[:2] == ((2, 1, 0), [2, 3])


def test_a_deleted_record_need_not_tell_the_rest(tmp_path: Path) -> None:
    made = county(tmp_path)
    needs_name = PATIENT.replace(
        "description: family name\n        logicalType: string",
        "description: family name\n        logicalType: string\n        required: true",
    )
    assert needs_name != PATIENT
    made.write_contract("patient", needs_name)
    made.deliver({"patient.csv": GOOD + patient("p3", "", record_action="D") + patient("p4", "")})
    made.run()
    assert made.quarantine("patient") == [(5, "last_name", "last_name.missing")]


def test_dates_of_a_row_that_disagree_quarantine_it(tmp_path: Path) -> None:
    made = county(tmp_path)
    visits = VISIT_HEADER + "v1,p1,2026-01-02,2026-01-01\nv2,p1,2026-01-02,2026-01-02\nv3,p9,2026-01-02,\n"
    made.deliver({"patient.csv": GOOD, "visit.csv": visits})
    made.run()
    assert made.quarantine("visit") == [(2, "ended_on", "ended_before_started")]


def test_a_full_table_that_must_not_be_empty_holds_the_delivery(tmp_path: Path) -> None:
    made = county(tmp_path)
    made.deliver({"patient.csv": GOOD, "visit.csv": VISIT_HEADER})
    assert [one.rule_id for one in made.run()[0].held] == ["table.empty"]


def test_a_missing_required_table_holds_and_a_missing_optional_one_does_not(tmp_path: Path) -> None:
    made = county(tmp_path)
    made.deliver({"visit.csv": VISIT_HEADER + "v1,p1,2026-01-01,\n"}, name="2026-11-01")
    made.deliver({"patient.csv": GOOD}, name="2026-11-02")
    first, second = made.run()
    assert [(one.rule_id, one.file) for one in first.held] == [("table.missing", "patient.csv")]
    assert second.status == "accepted"


def test_a_delivery_of_unknown_files_only_is_held(tmp_path: Path) -> None:
    made = county(tmp_path)
    made.deliver({"notes.csv": "a\n1\n"})
    assert [one.rule_id for one in made.run()[0].held] == ["delivery.no_files"]


def test_an_optional_column_may_be_absent_and_reads_as_empty(tmp_path: Path) -> None:
    made = county(tmp_path)
    made.deliver({"patient.csv": GOOD.replace(",fee_usd", "").replace(",10.50", "")})
    (receipt,) = made.run()
    assert [(one.rule_id, one.column) for one in receipt.warnings] == [("column.absent", "fee_usd")]
    assert made.validated("patient")["fee_usd"].to_list() == [None, None]


def test_a_checked_delivery_is_not_checked_again(tmp_path: Path) -> None:
    made = county(tmp_path)
    made.deliver({"patient.csv": GOOD})
    first = made.run()
    (path,) = made.lake.zone("validated").rglob("patient.parquet")
    before = path.stat().st_mtime_ns
    assert made.run() == first
    assert path.stat().st_mtime_ns == before


def test_a_changed_contract_checks_again(tmp_path: Path) -> None:
    made = county(tmp_path)
    made.deliver({"patient.csv": GOOD.replace("last_name", "surname")})
    assert made.run()[0].status == "held"
    made.write_contract("patient", PATIENT.replace("- name: last_name", "- name: surname"))
    assert made.run()[0].status == "accepted"
    made.write_contract("patient", PATIENT)
    assert made.run()[0].status == "held"
    assert not list(made.lake.zone("validated").rglob("*.parquet"))


def test_a_crash_between_quarantine_and_receipt_is_finished_by_the_next_run(tmp_path: Path) -> None:
    made = county(tmp_path)
    made.deliver({"patient.csv": GOOD + patient("p3", birth_date="x")})
    whole = made.run()
    shutil.rmtree(made.lake.zone("validated") / "clinic" / whole[0].delivery_id)
    (made.lake.zone("validated") / "clinic" / ".x.1.staged").mkdir()
    assert made.run() == whole
    assert made.quarantine("patient") == [(4, "birth_date", "birth_date.not_a_date")]
    assert len(list((made.lake.zone("validated") / "clinic").iterdir())) == 1


def test_rows_that_went_missing_from_raw_are_noticed(tmp_path: Path) -> None:
    made = county(tmp_path)
    made.deliver({"patient.csv": GOOD})
    made.take()
    (path,) = made.lake.zone("raw").rglob("patient.parquet")
    pl.read_parquet(path).head(1).write_parquet(path)
    seal(path.parent)
    with pytest.raises(LakeError, match="do not add up"):
        validate_deliveries(made.lake, made.contracts())


def test_a_table_that_went_missing_from_raw_is_noticed(tmp_path: Path) -> None:
    made = county(tmp_path)
    made.deliver({"patient.csv": GOOD})
    made.take()
    (path,) = made.lake.zone("raw").rglob("patient.parquet")
    path.unlink()
    with pytest.raises(LakeError, match="missing from raw"):
        validate_deliveries(made.lake, made.contracts())


def test_empty_cells_of_a_required_detail_are_counted_and_never_hold(tmp_path: Path) -> None:
    made = county(tmp_path)
    detail = "description: social security number\n        logicalType: string"
    made.write_contract("patient", PATIENT.replace(detail, f"{detail}\n        required: true"))
    made.deliver({"patient.csv": PATIENT_HEADER + "".join(patient(f"p{i}", ssn="") for i in range(9))})
    (receipt,) = made.run()
    assert (receipt.status, receipt.tables["patient"].accepted) == ("accepted", 9)
    assert [one.rule_id for one in receipt.warnings] == ["ssn.missing"]


def test_accepted_deliveries_are_those_up_to_a_date_in_order(tmp_path: Path) -> None:
    made = county(tmp_path)
    for name in ("2026-11-03", "2026-11-01.r2", "2026-11-01", "2026-11-02"):
        made.deliver({"patient.csv": "" if name == "2026-11-02" else GOOD}, name=name)
    made.run()
    found = [(one.as_of.day, one.revision) for one in accepted_deliveries(made.lake, date(2026, 11, 2))]
    assert found == [(1, 1), (1, 2)]
    assert len(accepted_deliveries(made.lake)) == 3


def test_hashed_names_and_numbers_break_no_rule_and_are_told(tmp_path: Path) -> None:
    made = county(tmp_path)
    hashed = PATIENT.replace(
        "      - {{property: requiredTable, value: true}}",
        "      - {{property: requiredTable, value: true}}\n"
        "      - {{property: hashedWhen, value: {{table: visit, column: visit_id, plain: [v1]}}}}",
    )
    made.write_contract("patient", hashed)
    rows = PATIENT_HEADER + patient("p1", ssn="8665fe03681cf0c07eda9cf76fa800f2")
    made.deliver({"patient.csv": rows, "visit.csv": VISIT_HEADER + "v1,p1,2026-01-01,\n"}, name="2026-11-01")
    made.deliver({"patient.csv": rows, "visit.csv": VISIT_HEADER + "v4,p1,2026-01-01,\n"}, name="2026-11-02")
    plain, hashes = made.run()
    assert (plain.is_hashed, plain.tables["patient"].values_set_aside) == (False, 1)
    assert (hashes.is_hashed, hashes.tables["patient"].values_set_aside) == (True, 0)


def test_validation_that_is_switched_off_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    prove_that_checks_run()
    monkeypatch.setattr("schemas.from_contract.failures", lambda schema, frame: pl.DataFrame())
    with pytest.raises(CountylinkError, match="validation is switched off"):
        prove_that_checks_run()


def test_validation_runs_even_where_the_environment_says_not_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PANDERA_VALIDATION_ENABLED", "False")
    made = county(tmp_path)
    made.deliver({"patient.csv": GOOD + patient("p3", birth_date="x")})
    made.run()
    assert made.quarantine("patient") == [(4, "birth_date", "birth_date.not_a_date")]


def test_rows_dangling_between_whole_tables_are_told(tmp_path: Path) -> None:
    made = county(tmp_path)
    made.write_contract("patient", PATIENT.replace("semantics, value: delta", "semantics, value: full"))
    made.deliver({"patient.csv": GOOD, "visit.csv": VISIT_HEADER + "v1,p1,2026-01-01,\nv2,p9,2026-01-01,\n"})
    (receipt,) = made.run()
    assert [(one.rule_id, one.column) for one in receipt.warnings] == [("reference.points_nowhere", "patient_id")]


def test_a_large_table_is_checked_in_chunks_with_the_same_result(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [patient(f"p{i % 40}", birth_date="x" if i % 7 == 0 else "1980-01-02") for i in range(60)]
    results = []
    for chunk in (1_000_000, 7):
        monkeypatch.setattr("pipelines.validate.tables.CHUNK_ROWS", chunk)
        (tmp_path / str(chunk)).mkdir()
        made = county(tmp_path / str(chunk))
        made.deliver({"patient.csv": PATIENT_HEADER + "".join(rows)})
        (receipt,) = made.run()
        results.append((receipt.tables, made.validated("patient").rows(), made.quarantine("patient")))
    assert results[0] == results[1]


MUTATION = st.tuples(st.integers(0, 10**6), st.sampled_from(["change", "insert", "remove"]), st.integers(0, 255))


@settings(max_examples=60, deadline=None)
@given(mutations=st.lists(MUTATION, min_size=1, max_size=6))
def test_random_damage_never_crashes_and_never_loses_or_invents_a_line(
    mutations: list[tuple[int, str, int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    content = bytearray((GOOD + patient("p3", '"Ash, Jr"') + patient("p4", '"two\nlines"') + patient("p1")).encode())
    for where, kind, byte in mutations:
        at = where % len(content)
        if kind == "change":
            content[at] = byte
        elif kind == "insert":
            content.insert(at, byte)
        elif len(content) > 1:
            del content[at]
    made = county(tmp_path_factory.mktemp("county"))
    made.deliver({"patient.csv": bytes(content)})
    (receipt,) = made.run()
    for counts in receipt.tables.values():
        assert counts.rows_in == counts.accepted + counts.quarantined + counts.superseded
    _assert_every_line_is_accounted_for(made, bytes(content))


def _assert_every_line_is_accounted_for(made: County, content: bytes) -> None:
    folder = next(made.lake.zone("raw").glob("clinic/*"))
    assert (folder / AS_SENT / "patient.csv").read_bytes() == content
    if not (folder / "patient.parquet").exists():
        return
    rows = pl.read_parquet(folder / "patient.parquet")
    unread = folder / "unreadable" / "patient.parquet"
    refused = pl.read_parquet(unread) if unread.exists() else pl.DataFrame({"_line_number": [], "text": []})
    lines = rows["_line_number"].to_list() + refused["_line_number"].to_list()
    assert len(set(lines)) == len(lines)
    starts = {number for number, line in enumerate(_physical_lines(content.decode()), 1) if line}
    assert set(lines) <= starts
    texts = [text for name in rows.columns[2:] for text in rows[name].to_list() if text] + refused["text"].to_list()
    inside = sum(len(_physical_lines(text)) - 1 for text in [*texts, *rows.columns])
    header = 1
    assert len(starts - set(lines)) <= inside + header


def _physical_lines(text: str) -> list[str]:
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def test_zones_hold_nothing_but_their_deliveries(tmp_path: Path) -> None:
    made = county(tmp_path)
    made.deliver({"patient.csv": GOOD + patient("p3", birth_date="x")})
    (receipt,) = made.run()
    found = sorted(str(path.relative_to(made.lake.root)) for path in _files(made.lake))
    folder = f"clinic/{receipt.delivery_id}"
    assert found == [
        f"quarantine/{folder}/patient.parquet",
        "quarantine/ledger.parquet",
        "raw/.looked_at.json",
        f"raw/{folder}/as_sent/patient.csv",
        f"raw/{folder}/delivery.json",
        f"raw/{folder}/patient.parquet",
        f"raw/{folder}/tables.sha256",
        f"validated/{folder}/patient.parquet",
        f"validated/{folder}/profile.json",
        f"validated/{folder}/receipt.json",
    ]


def _files(lake: Lake) -> list[Path]:
    return [path for path in lake.root.rglob("*") if path.is_file()]
