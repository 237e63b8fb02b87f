"""Files, archives and landing folders that a line of text cannot show."""

from __future__ import annotations

import gzip
import hashlib
import os
import stat
import zipfile
from collections.abc import Mapping
from pathlib import Path

from tests.bad_inputs import workbooks
from tests.bad_inputs.workbooks import number, patient_cells, workbook
from tests.intake import PATIENT_HEADER, VISIT_HEADER, County, patient

GOOD = PATIENT_HEADER + patient("p1") + patient("p2")
JOSE = GOOD.replace("Alder", "José")
BOTH = [patient_cells("p1"), patient_cells("p2")]


def both_patients_are_read(county: County) -> None:
    """p1 and p2 came through as they are."""
    rows = county.validated("patient")
    assert rows["patient_id"].to_list() == ["p1", "p2"]
    assert rows.columns[:2] == ["patient_id", "last_name"]
    first = rows.row(0, named=True)
    assert (first["last_name"], first["ssn"], str(first["fee_usd"])) == ("Alder", "123456789", "10.5000")
    assert (str(first["birth_date"]), str(first["updated_at"])) == ("1980-01-02", "2026-10-01 08:00:00")


def jose_is_read(county: County) -> None:
    """The name came through in whatever encoding it was sent."""
    assert county.validated("patient")["last_name"].to_list() == ["José", "José"]


def no_line_is_lost(county: County) -> None:
    """Every line of the file is a row or an unreadable row."""
    (delivery,) = county.taken()
    assert delivery.rows("patient") == 4


def nothing_was_taken(county: County) -> None:
    """No delivery lies in raw."""
    assert not list(county.lake.zone("raw").glob("*/*/delivery.json"))


def nothing_was_unpacked(county: County) -> None:
    """Nothing in raw is larger than what was sent."""
    sizes = [path.stat().st_size for path in county.lake.zone("raw").rglob("*") if path.is_file()]
    assert max(sizes) < 2**20


def _sent(county: County, content: str | bytes, name: str = "patient.csv") -> Path:
    return county.deliver({name: content})


def _beside(county: County, name: str, content: str = "") -> None:
    (county.landing / "clinic" / name).write_text(content)


def byte_order_mark(county: County) -> None:
    _sent(county, b"\xef\xbb\xbf" + GOOD.encode())


def crlf(county: County) -> None:
    _sent(county, GOOD.replace("\n", "\r\n"))


def cr(county: County) -> None:
    _sent(county, GOOD.replace("\n", "\r"))


def mixed_line_ends(county: County) -> None:
    _sent(county, GOOD.replace("\n", "\r\n", 1))


def utf_16(county: County) -> None:
    _sent(county, JOSE.encode("utf-16"))


def utf_16_cut(county: County) -> None:
    _sent(county, JOSE.encode("utf-16")[:-1])


def utf_32(county: County) -> None:
    _sent(county, JOSE.encode("utf-32"))


def windows_1252(county: County) -> None:
    _sent(county, JOSE.encode("windows-1252"))


def windows_1252_undefined(county: County) -> None:
    _sent(county, GOOD.encode().replace(b"Alder", b"Jos\x81"))


def utf_8_where_windows_is_declared(county: County) -> None:
    _sent(county, JOSE)


def double_encoded(county: County) -> None:
    _sent(county, JOSE.encode().decode("windows-1252"))


def nul_byte(county: County) -> None:
    _sent(county, GOOD + patient("p\0"))


def cut_inside_a_letter(county: County) -> None:
    _sent(county, GOOD.encode() + "é".encode()[:1])


def gzipped(county: County) -> None:
    _sent(county, gzip.compress(GOOD.encode()), "patient.csv.gz")


def gzipped_in_two_members(county: County) -> None:
    half = len(GOOD) // 2
    _sent(county, gzip.compress(GOOD[:half].encode()) + gzip.compress(GOOD[half:].encode()), "patient.csv.gz")


def gzip_cut_off(county: County) -> None:
    _sent(county, gzip.compress(GOOD.encode())[:-9], "patient.csv.gz")


def gzip_corrupt(county: County) -> None:
    content = bytearray(gzip.compress(GOOD.encode()))
    content[-6] ^= 0xFF
    _sent(county, bytes(content), "patient.csv.gz")


def gzip_bomb(county: County) -> None:
    _sent(county, gzip.compress(GOOD.encode() + bytes(65 * 2**20)), "patient.csv.gz")


def gzip_over_the_declared_size(county: County) -> None:
    _sent(county, gzip.compress((GOOD + patient("p3") * 40).encode()), "patient.csv.gz")


def gzip_without_its_suffix(county: County) -> None:
    _sent(county, gzip.compress(GOOD.encode()))


def plain_and_packed(county: County) -> None:
    county.deliver({"patient.csv": GOOD, "patient.csv.gz": gzip.compress(GOOD.encode())})


def _zipped(county: County, files: Mapping[str, str | bytes]) -> Path:
    return county.deliver_zip(files)


def zip_cut_off(county: County) -> None:
    path = _zipped(county, {"patient.csv": GOOD})
    path.write_bytes(path.read_bytes()[:-30])


def zip_bomb(county: County) -> None:
    _zipped(county, {"patient.csv": bytes(65 * 2**20)})


def zip_member_bomb_beside_a_dense_file(county: County) -> None:
    _zipped(county, {"patient.csv": bytes(65 * 2**20), "visit.csv": os.urandom(2**20)})


def zip_with_parent_path(county: County) -> None:
    _zipped(county, {"patient.csv": GOOD, "../visit.csv": VISIT_HEADER})


def zip_with_absolute_path(county: County) -> None:
    _zipped(county, {"patient.csv": GOOD, "/tmp/visit.csv": VISIT_HEADER})


def zip_with_a_link(county: County) -> None:
    path = _zipped(county, {"patient.csv": GOOD})
    with zipfile.ZipFile(path, "a") as archive:
        link = zipfile.ZipInfo("visit.csv")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")


def zip_with_two_of_a_table(county: County) -> None:
    _zipped(county, {"patient.csv": GOOD, "PATIENT.csv": GOOD})


def zip_in_a_zip(county: County) -> None:
    _zipped(county, {"patient.csv": GOOD, "more.zip": b"PK"})


def zip_encrypted(county: County) -> None:
    path = _zipped(county, {"patient.csv": GOOD})
    content = bytearray(path.read_bytes())
    content[6] |= 1  # in the member's own header
    content[content.index(b"PK\x01\x02") + 8] |= 1  # and in the directory
    path.write_bytes(content)


def shuffled(county: County) -> None:
    order = [5, 1, 0, 8, 2, 4, 3, 7, 6]
    lines = [line.split(",") for line in GOOD.splitlines()]
    _sent(county, "".join(",".join(line[i] for i in order) + "\n" for line in lines))


def odd_names(county: County) -> None:
    odd = ["Alder family, 123456789.csv", "../up.csv".replace("/", "\u2215"), "new\nline.csv", "\u202e.csv", "..csv"]
    county.deliver({"patient.csv": GOOD, **dict.fromkeys(odd, "x\n")})


def odd_delivery_names(county: County) -> None:
    county.deliver({"patient.csv": GOOD}, name="2026-11-01 Alder")
    county.deliver({"patient.csv": GOOD}, name="2026-11-\n01")


def no_odd_name_is_kept(county: County) -> None:
    """Neither as a path nor as text."""
    both_patients_are_read(county)
    for path in county.lake.root.rglob("*"):
        assert not [part for part in ("Alder", "up.csv", "\n") if part in path.name]
        if path.suffix == ".json":
            assert "Alder" not in path.read_text()


def still_written(county: County) -> None:
    county.deliver({"patient.csv": GOOD, "visit.csv.part": "v"})


def marked_done(county: County) -> None:
    county.deliver({"patient.csv": GOOD, "patient.csv.done": ""})


def marked_done_beside(county: County) -> None:
    _sent(county, GOOD)
    _beside(county, "2026-11-01.done")


def empty_folder(county: County) -> None:
    county.deliver({})


def link_in_the_folder(county: County) -> None:
    (_sent(county, GOOD) / "visit.csv").symlink_to("/etc/passwd")


def pipe_in_the_folder(county: County) -> None:
    os.mkfifo(_sent(county, GOOD) / "visit.csv")


def pipe_in_place_of_an_archive(county: County) -> None:
    (county.landing / "clinic").mkdir()
    os.mkfifo(county.landing / "clinic" / "2026-11-01.zip")


def link_in_place_of_a_delivery(county: County) -> None:
    (county.landing / "clinic").mkdir()
    (county.landing / "clinic" / "2026-11-01").symlink_to(county.root)


def _with_checksum(county: County, name: str, digest: str) -> None:
    county.deliver({"patient.csv": GOOD, name: digest})


def sha256_agrees(county: County) -> None:
    _with_checksum(county, "patient.csv.sha256", hashlib.sha256(GOOD.encode()).hexdigest() + "  patient.csv\n")


def md5_agrees(county: County) -> None:
    _with_checksum(county, "patient.csv.md5", hashlib.md5(GOOD.encode()).hexdigest().upper())


def sums_agree(county: County) -> None:
    _with_checksum(county, "SHA256SUMS", hashlib.sha256(GOOD.encode()).hexdigest() + " *./patient.csv\n")


def sha256_differs(county: County) -> None:
    _with_checksum(county, "patient.csv.sha256", hashlib.sha256(b"other").hexdigest())


def sums_differ(county: County) -> None:
    _with_checksum(county, "md5sums.txt", hashlib.md5(b"other").hexdigest() + "  patient.csv\n")


def checksum_is_none(county: County) -> None:
    _with_checksum(county, "patient.csv.sha256", "see the portal\n")


def checksum_of_an_archive_differs(county: County) -> None:
    _zipped(county, {"patient.csv": GOOD})
    _beside(county, "2026-11-01.zip.sha256", hashlib.sha256(b"other").hexdigest())


def done_without_its_checksum(county: County) -> None:
    _sent(county, GOOD)
    _beside(county, "2026-11-01.done")


def pgp_armoured(county: County) -> None:
    _sent(county, "-----BEGIN PGP MESSAGE-----\n\nhQEMA\n-----END PGP MESSAGE-----\n")


def pgp_binary(county: County) -> None:
    _sent(county, b"\x85\x01\x0c\x03" + os.urandom(200))


def pgp_by_name(county: County) -> None:
    _sent(county, b"\x85\x01\x0c\x03" + os.urandom(200), "patient.csv.pgp")


def age(county: County) -> None:
    _sent(county, b"age-encryption.org/v1\n-> X25519 abc\n", "patient.csv.age")


def sheet_named_csv(county: County) -> None:
    _sent(county, workbook(BOTH))


def sheet(county: County) -> None:
    _sent(county, workbook(BOTH), "patient.xlsx")


def packed_otherwise(county: County) -> None:
    _sent(county, b"BZh91AY", "patient.csv.bz2")


def text_named_as_a_sheet(county: County) -> None:
    _sent(county, GOOD, "patient.xlsx")


def cell_beyond_any_length(county: County) -> None:
    _sent(county, workbook([patient_cells("p1", last_name=workbooks.text("x" * 200_000))]), "patient.xlsx")


def sheet_in_a_zip(county: County) -> None:
    _zipped(county, {"patient.xlsx": workbook(BOTH)})


def sheet_from_1904(county: County) -> None:
    rows = [
        patient_cells(one, birth_date=number("27760", workbooks.DAY), updated_at=number("44834.333333333336", 2))
        for one in ("p1", "p2")
    ]
    _sent(county, workbook(rows, is_1904=True), "patient.xlsx")


def sheet_with_merged_cells(county: County) -> None:
    _sent(county, workbook(BOTH, after='<mergeCells><mergeCell ref="A2:A3"/></mergeCells>'), "patient.xlsx")


def sheet_beside_a_hidden_one(county: County) -> None:
    _sent(county, workbook(BOTH, sheets={"Patients": "visible", "Notes": "hidden"}), "patient.xlsx")


def several_sheets(county: County) -> None:
    _sent(county, workbook(BOTH, sheets={"Patients": "visible", "Notes": "visible"}), "patient.xlsx")


def hidden_rows(county: County) -> None:
    _sent(county, workbook(BOTH, row_attributes='hidden="1"'), "patient.xlsx")


def hidden_column(county: County) -> None:
    _sent(county, workbook(BOTH, before='<cols><col min="2" max="2" hidden="1"/></cols>'), "patient.xlsx")


def formula_without_its_value(county: County) -> None:
    _sent(county, workbook([patient_cells("p1", visit_count="<c><f>1+1</f></c>")]), "patient.xlsx")


def error_value(county: County) -> None:
    _sent(county, workbook([patient_cells("p1", visit_count='<c t="e"><v>#N/A</v></c>')]), "patient.xlsx")


def percentage(county: County) -> None:
    _sent(county, workbook([patient_cells("p1", fee_usd=number("0.25", workbooks.PERCENT))]), "patient.xlsx")


def rounded_amount(county: County) -> None:
    _sent(county, workbook([patient_cells("p1", fee_usd=number("10.505", workbooks.CENTS))]), "patient.xlsx")


def day_in_1900(county: County) -> None:
    _sent(county, workbook([patient_cells("p1", birth_date=number("59", workbooks.DAY))]), "patient.xlsx")


def time_alone(county: County) -> None:
    _sent(county, workbook([patient_cells("p1", updated_at=number("0.5", workbooks.TIME))]), "patient.xlsx")


def number_beyond_fifteen_digits(county: County) -> None:
    _sent(county, workbook([patient_cells("p1", ssn=number("1234567890123456789"))]), "patient.xlsx")


def day_number_without_a_date_format(county: County) -> None:
    rows = [patient_cells("p1"), patient_cells("p2", birth_date=number("29222")), patient_cells("p3")]
    _sent(county, workbook(rows), "patient.xlsx")


def document_type_in_a_sheet(county: County) -> None:
    _sent(county, workbook(BOTH, prolog='<!DOCTYPE x [<!ENTITY a "aaaa">]>'), "patient.xlsx")


def sheet_cut_off(county: County) -> None:
    _sent(county, workbook(BOTH)[:-40], "patient.xlsx")


def old_workbook(county: County) -> None:
    _sent(county, bytes.fromhex("d0cf11e0a1b11ae1") + bytes(500), "patient.xls")


def many_columns(county: County) -> None:
    _sent(county, ",".join(f"c{i}" for i in range(5000)) + "\n")


def one_endless_line(county: County) -> None:
    _sent(county, PATIENT_HEADER + "x" * (65 * 2**20))


def endless_header(county: County) -> None:
    _sent(county, "x" * (2 * 2**20) + "\n" + patient())


def large_field(county: County) -> None:
    _sent(county, GOOD + patient("p3", "x" * 2**20) + patient("p4"))


def sent_again(county: County) -> None:
    _sent(county, GOOD)
    county.take()
    county.deliver({"patient.csv": GOOD})


def is_one_delivery(county: County) -> None:
    """The second time nothing was taken."""
    both_patients_are_read(county)
    assert len(list(county.lake.zone("raw").glob("*/*/delivery.json"))) == 1
