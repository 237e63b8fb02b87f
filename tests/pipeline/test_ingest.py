"""Taking deliveries: as sent, as text, once."""

from __future__ import annotations

import hashlib
import os
import stat
import zipfile
from pathlib import Path

import polars as pl
import pytest

from pipelines.errors import LakeError
from pipelines.ingest import deliveries, take_deliveries
from pipelines.lake import Lake
from tests.intake import PATIENT_HEADER, VISIT_HEADER, county, patient

FILES = {
    "patient.csv": PATIENT_HEADER + patient("p1") + patient("p2"),
    "visit.csv": VISIT_HEADER + "v1,p1,2026-01-01,\n",
}


def rules(report) -> list[str]:
    return [problem.rule_id for delivery in report.taken for problem in delivery.problems]


def test_a_delivery_is_kept_byte_for_byte_and_read_as_text(tmp_path: Path) -> None:
    made = county(tmp_path)
    made.deliver(FILES)
    (delivery,) = made.take().taken
    folder = delivery.folder(made.lake)
    for name, content in FILES.items():
        assert (folder / "as_sent" / name).read_bytes() == content.encode()
    hashes = {file.name: file.sha256 for file in delivery.files}
    assert hashes == {name: hashlib.sha256(content.encode()).hexdigest() for name, content in FILES.items()}
    assert delivery.rows("patient") == 2
    assert made.raw("patient")["patient_id"].to_list() == ["p1", "p2"]
    assert made.raw("patient").dtypes == [pl.Int64, *[pl.String] * 10]
    assert delivery.problems == ()


def test_an_exact_resend_is_taken_once(tmp_path: Path) -> None:
    made = county(tmp_path)
    made.deliver(FILES)
    (first,) = made.take().taken
    again = made.take()
    assert (again.taken, again.known) == ((), (first.delivery_id,))


def test_a_folder_and_an_archive_of_the_same_files_are_the_same_delivery(tmp_path: Path) -> None:
    made = county(tmp_path)
    made.deliver(FILES)
    made.deliver_zip(FILES)
    report = made.take()
    assert [one.delivery_id for one in report.taken] == list(report.known)


def test_a_changed_resend_for_the_same_revision_is_told(tmp_path: Path) -> None:
    made = county(tmp_path)
    made.deliver(FILES)
    made.take()
    made.deliver({"visit.csv": VISIT_HEADER + "v2,p1,2026-01-01,\n"})
    assert [problem.rule_id for problem in made.take().warnings] == ["delivery.same_revision_twice"]


def test_revisions_are_told_apart(tmp_path: Path) -> None:
    made = county(tmp_path)
    made.deliver(FILES)
    made.deliver(FILES, name="2026-11-01.r2")
    made.take()
    assert [one.revision for one in deliveries(made.lake)] == [1, 2]


def test_line_numbers_are_those_of_the_file_as_sent(tmp_path: Path) -> None:
    made = county(tmp_path)
    visits = b"\xef\xbb\xbf" + VISIT_HEADER.encode() + b'v1,"a\r\nb",x,y\r\n\r\nv2,p,x\nv3,"say ""hi""",x,y\rv4,p,x,y'
    made.deliver({**FILES, "visit.csv": visits})
    (delivery,) = made.take().taken
    rows = made.raw("visit").select("_line_number", "visit_id", "patient_id").rows()
    assert rows == [(2, "v1", "a\r\nb"), (6, "v3", 'say "hi"'), (7, "v4", "p")]
    unread = pl.read_parquet(delivery.folder(made.lake) / "unreadable" / "visit.parquet")
    assert unread.rows() == [(5, "visit.csv", "row.too_few_fields", "v2,p,x")]
    (sent,) = [file for file in delivery.files if file.name == "visit.csv"]
    assert (sent.rows, sent.unreadable_rows, sent.blank_lines) == (3, 1, 1)


def test_columns_are_read_by_name_whatever_their_order(tmp_path: Path) -> None:
    made = county(tmp_path)
    made.deliver({**FILES, "visit.csv": "started_on,patient_id,ended_on,visit_id\n2026-01-01,p1,2026-01-02,v1\n"})
    made.take()
    assert made.raw("visit").select("visit_id", "patient_id").rows() == [("v1", "p1")]


def test_a_table_may_come_in_parts_with_their_own_column_order(tmp_path: Path) -> None:
    made = county(tmp_path)
    part = "ended_on,started_on,visit_id,patient_id\n,2026-01-02,v2,p2\n"
    made.deliver({**FILES, "visit.part2.csv": part, "visit.part10.csv": VISIT_HEADER + "v10,p1,2026-01-03,\n"})
    made.take()
    rows = made.raw("visit").select("_file_name", "_line_number", "visit_id", "started_on").rows()
    assert rows == [
        ("visit.csv", 2, "v1", "2026-01-01"),
        ("visit.part2.csv", 2, "v2", "2026-01-02"),
        ("visit.part10.csv", 2, "v10", "2026-01-03"),
    ]


def test_of_a_file_without_a_contract_there_is_a_hash_and_neither_its_name_nor_its_content(tmp_path: Path) -> None:
    made = county(tmp_path)
    made.deliver({**FILES, "notes.csv": "name\nAlder\n"})
    (delivery,) = made.take().taken
    (unknown,) = [one for one in delivery.files if one.table is None]
    assert (unknown.bytes, unknown.sha256) == (11, hashlib.sha256(b"name\nAlder\n").hexdigest())
    assert [path.name for path in (delivery.folder(made.lake) / "as_sent").iterdir()] == ["patient.csv", "visit.csv"]
    assert "notes" not in (delivery.folder(made.lake) / "delivery.json").read_text()
    assert [one.rule_id for one in delivery.warnings] == ["file.no_contract"]


def test_a_file_is_read_once_a_contract_names_it(tmp_path: Path) -> None:
    made = county(tmp_path)
    made.deliver(FILES)
    contract = tmp_path / "contracts" / "incoming" / "clinic" / "visit.odcs.yaml"
    text = contract.read_text()
    contract.unlink()
    made.take()
    contract.write_text(text)
    (delivery,) = made.take().taken
    assert delivery.tables == ("patient", "visit")


def test_a_delivery_still_being_written_waits(tmp_path: Path) -> None:
    made = county(tmp_path)
    folder = made.deliver({**FILES, "visit.csv.part": "v"})
    assert (made.take().taken, made.take().waiting) == ((), ("clinic",))
    (folder / "visit.csv.part").unlink()
    assert len(made.take().taken) == 1


def test_what_is_no_delivery_is_refused_without_its_name(tmp_path: Path) -> None:
    made = county(tmp_path)
    made.deliver(FILES, name="Alder family")
    made.deliver(FILES, agency="garage")
    (made.landing / "clinic" / "2026-11-02").symlink_to(tmp_path)
    report = made.take()
    rules = sorted(problem.rule_id for problem in report.refused)
    assert rules == ["delivery.bad_name", "delivery.not_a_file", "delivery.unknown_agency"]
    assert "Alder" not in str(report)


def test_a_link_inside_a_delivery_holds_it_until_it_is_gone(tmp_path: Path) -> None:
    made = county(tmp_path)
    folder = made.deliver(FILES)
    (folder / "more.csv").symlink_to("/etc/passwd")
    assert rules(made.take()) == ["delivery.not_a_file"]
    (folder / "more.csv").unlink()
    assert rules(made.take()) == []


def test_a_missing_landing_folder_says_so(tmp_path: Path) -> None:
    made = county(tmp_path)
    with pytest.raises(LakeError, match="there is no landing folder"):
        take_deliveries(made.lake, tmp_path / "nowhere", made.contracts())


@pytest.mark.parametrize(
    ("member", "rule"),
    [
        ("../patient.csv", "zip.not_flat"),
        ("/etc/patient.csv", "zip.not_flat"),
        ("folder/patient.csv", "zip.not_flat"),
        ("c:\\patient.csv", "zip.not_flat"),
        ("more.zip", "zip.nested"),
    ],
)
def test_an_archive_that_leads_elsewhere_is_held(member: str, rule: str, tmp_path: Path) -> None:
    made = county(tmp_path)
    made.deliver_zip({**FILES, member: "x"})
    assert rules(made.take()) == [rule]
    assert not list(tmp_path.glob("**/raw/clinic/*/as_sent"))


def test_an_archive_with_a_link_is_held(tmp_path: Path) -> None:
    made = county(tmp_path)
    path = made.deliver_zip(FILES)
    with zipfile.ZipFile(path, "a") as archive:
        link = zipfile.ZipInfo("link.csv")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    assert rules(made.take()) == ["zip.not_flat"]


def test_a_cut_off_archive_is_held(tmp_path: Path) -> None:
    made = county(tmp_path)
    path = made.deliver_zip(FILES)
    path.write_bytes(path.read_bytes()[:-30])
    assert rules(made.take()) == ["zip.damaged"]


def test_a_damaged_archive_is_held(tmp_path: Path) -> None:
    made = county(tmp_path)
    path = made.deliver_zip(FILES)
    content = bytearray(path.read_bytes())
    content[45] ^= 0xFF
    path.write_bytes(content)
    assert rules(made.take()) == ["zip.damaged"]


def test_an_archive_that_unpacks_to_very_much_is_held(tmp_path: Path) -> None:
    made = county(tmp_path)
    made.deliver_zip({"patient.csv": "0" * (80 * 2**20)})
    assert rules(made.take()) == ["zip.too_large"]


def test_a_run_that_is_killed_leaves_nothing_that_stops_the_next(tmp_path: Path) -> None:
    made = county(tmp_path)
    made.deliver(FILES)
    leftover = made.lake.zone("raw") / "clinic" / ".clinic_20261101_r1_0.1.staged"
    leftover.mkdir(parents=True)
    (leftover / "patient.parquet").write_bytes(b"PAR1")
    assert len(made.take().taken) == 1
    assert not leftover.exists()


def test_the_row_order_of_parquet_is_that_of_the_file_also_beyond_one_batch(tmp_path: Path) -> None:
    made = county(tmp_path)
    rows = "".join(f'v{i},"p\n{i}",2026-01-01,\n' if i % 1000 == 0 else f"v{i},p,2026-01-01,\n" for i in range(250_000))
    made.deliver({**FILES, "visit.csv": VISIT_HEADER + rows})
    made.take()
    text = made.raw("visit")
    assert text["visit_id"].to_list() == [f"v{i}" for i in range(250_000)]
    assert text["_line_number"].to_list() == [i + 2 + -(-i // 1000) for i in range(250_000)]


def test_files_are_private_to_their_owner_under_the_private_mask(tmp_path: Path) -> None:
    made = county(tmp_path)
    made.deliver(FILES)
    before = os.umask(0o077)
    try:
        made.take()
    finally:
        os.umask(before)
    modes = {path.stat().st_mode & 0o077 for path in Lake(made.lake.root).zone("raw").rglob("*")}
    assert modes == {0}
