"""raw/: what was sent can be had back, byte for byte, however packed; what did not change is not read."""

from __future__ import annotations

import gzip
import hashlib
import os
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipelines.defs.automation import fingerprint
from pipelines.errors import LakeError
from pipelines.ingest import Delivery, Looking, copying, open_sent, take_deliveries
from pipelines.ingest.memory import FILE as MEMORY
from tests.bad_inputs.workbooks import patient_cells, workbook
from tests.intake import PATIENT_HEADER, VISIT_HEADER, County, county, patient

PATIENTS = PATIENT_HEADER + patient("p1") + patient("p2")
VISITS = VISIT_HEADER + "v1,p1,2026-01-01,\n"


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def in_raw(made: County, delivery: Delivery) -> dict[str, str]:
    """Name → sha-256 of every file that lies in raw as sent."""
    return {path.name: sha256(path.read_bytes()) for path in (delivery.folder(made.lake) / "as_sent").iterdir()}


@pytest.mark.parametrize("name", ["patient.csv", "patient.csv.gz", "patient.xlsx"])
def test_what_lies_in_raw_is_what_was_sent(name: str, tmp_path: Path) -> None:
    made = county(tmp_path)
    made.add_terms("patient", {"fileFormats": ["csv", "xlsx"]})
    contents = {
        "patient.csv": PATIENTS.replace("\n", "\r\n").encode(),
        "patient.csv.gz": gzip.compress(PATIENTS.encode()),
        "patient.xlsx": workbook([patient_cells("p1"), patient_cells("p2")]),
    }
    made.deliver({name: contents[name], "visit.csv": VISITS})
    (delivery,) = made.take().taken
    assert in_raw(made, delivery) == {name: sha256(contents[name]), "visit.csv": sha256(VISITS.encode())}
    assert {file.name: file.sha256 for file in delivery.files} == in_raw(made, delivery)
    assert made.raw("patient")["patient_id"].to_list() == ["p1", "p2"]


def test_an_archive_is_kept_as_it_is_and_not_unpacked_beside(tmp_path: Path) -> None:
    made = county(tmp_path)
    path = made.deliver_zip({"patient.csv": PATIENTS, "visit.csv": VISITS})
    (delivery,) = made.take().taken
    assert in_raw(made, delivery) == {"2026-11-01.zip": sha256(path.read_bytes())}
    assert delivery.archive is not None
    assert delivery.archive.sha256 == sha256(path.read_bytes())
    with open_sent(delivery.folder(made.lake), "patient.csv", delivery.archive) as stream:
        assert stream.read() == PATIENTS.encode()
    assert made.raw("patient")["patient_id"].to_list() == ["p1", "p2"]


def test_of_an_archive_with_files_of_no_contract_only_the_others_are_kept(tmp_path: Path) -> None:
    made = county(tmp_path)
    made.deliver_zip({"patient.csv": PATIENTS, "Alder family.csv": "name\nAlder\n"})
    (delivery,) = made.take().taken
    assert in_raw(made, delivery) == {"patient.csv": sha256(PATIENTS.encode())}
    assert delivery.archive is not None
    assert not delivery.archive.is_kept
    assert [one.rule_id for one in delivery.warnings] == ["file.no_contract", "zip.not_kept"]
    assert "Alder" not in (delivery.folder(made.lake) / "delivery.json").read_text()


def test_the_same_content_packed_otherwise_is_the_same_delivery(tmp_path: Path) -> None:
    made = county(tmp_path)
    folder = made.deliver({"patient.csv": PATIENTS})
    (first,) = made.take().taken
    (folder / "patient.csv").unlink()
    made.deliver({"patient.csv.gz": gzip.compress(PATIENTS.encode())})
    assert made.take().known == (first.delivery_id,)


def test_what_did_not_change_since_the_last_look_is_not_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = county(tmp_path)
    made.deliver({"patient.csv": PATIENTS})
    (first,) = made.take().taken
    monkeypatch.setattr(copying, "_copied", _must_not_be_called)
    assert made.take().known == (first.delivery_id,)
    with pytest.raises(AssertionError, match="was read"):
        take_deliveries(made.lake, made.landing, made.contracts(), Looking(everything=True))


def _must_not_be_called(*_: object) -> None:
    raise AssertionError("a file was read")


def test_a_file_changed_under_its_old_time_and_size_is_seen(tmp_path: Path) -> None:
    made = county(tmp_path)
    path = made.deliver({"patient.csv": PATIENTS}) / "patient.csv"
    made.take()
    before = path.stat()
    path.write_text(PATIENTS.replace("Alder", "Beech"))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert path.stat().st_size == before.st_size
    assert len(made.take().taken) == 1


def test_a_lost_memory_costs_time_and_nothing_else(tmp_path: Path) -> None:
    made = county(tmp_path)
    made.deliver({"patient.csv": PATIENTS})
    (first,) = made.take().taken
    memory = made.lake.zone("raw") / MEMORY
    memory.write_text("[not json")
    assert made.take().known == (first.delivery_id,)
    assert first.delivery_id in memory.read_text()


def test_a_delivery_settles_before_it_is_taken(tmp_path: Path) -> None:
    made = county(tmp_path)
    made.deliver({"patient.csv": PATIENTS})
    young = Looking(settle_seconds=600)
    assert take_deliveries(made.lake, made.landing, made.contracts(), young).waiting == ("clinic",)
    old = Looking(settle_seconds=600, now=time.time() + 601)
    assert len(take_deliveries(made.lake, made.landing, made.contracts(), old).taken) == 1


def test_a_marker_spares_the_settling(tmp_path: Path) -> None:
    made = county(tmp_path)
    made.deliver({"patient.csv": PATIENTS, ".done": ""})
    report = take_deliveries(made.lake, made.landing, made.contracts(), Looking(settle_seconds=600))
    assert len(report.taken) == 1


def test_a_file_that_grows_while_it_is_copied_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = county(tmp_path)
    path = made.deliver({"patient.csv": PATIENTS}) / "patient.csv"
    copied = copying._copied

    def and_grow(*arguments: object) -> object:
        with path.open("a") as file:
            file.write(patient("p3"))
        return copied(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(copying, "_copied", and_grow)
    report = made.take()
    assert (report.taken, report.waiting) == ((), ("clinic",))
    monkeypatch.undo()
    (delivery,) = made.take().taken
    assert delivery.rows("patient") == 3
    assert not list(made.lake.zone("raw").glob("*/.*.staged"))


def test_a_pipe_that_takes_the_place_of_a_file_is_not_waited_for(tmp_path: Path) -> None:
    made = county(tmp_path)
    path = made.deliver({"patient.csv": PATIENTS}) / "patient.csv"
    path.unlink()
    os.mkfifo(path)
    (delivery,) = made.take().taken
    assert [one.rule_id for one in delivery.problems] == ["delivery.not_a_file"]


def test_an_archive_that_claims_less_than_it_holds_is_held(tmp_path: Path) -> None:
    made = county(tmp_path)
    path = made.deliver_zip({"patient.csv": PATIENTS})
    with zipfile.ZipFile(path) as archive:
        size = archive.getinfo("patient.csv").file_size
    content = path.read_bytes()
    path.write_bytes(content.replace(size.to_bytes(4, "little"), (size // 2).to_bytes(4, "little")))
    (delivery,) = made.take().taken
    assert [one.rule_id for one in delivery.problems] == ["zip.damaged"]


def test_a_file_whose_name_is_no_utf_8_is_one_without_a_contract(tmp_path: Path) -> None:
    made = county(tmp_path)
    folder = made.deliver({"patient.csv": PATIENT_HEADER + patient("p1")})
    Path(os.fsdecode(os.fsencode(folder) + b"/b\xffooking.csv")).write_text("x")
    (delivery,) = made.take().taken
    assert [one.rule_id for one in delivery.warnings] == ["file.no_contract"]
    assert (delivery.problems, made.raw("patient").height) == ((), 1)
    assert made.take().known == (delivery.delivery_id,)
    assert len(fingerprint(made.landing)) == 64


def test_a_landing_folder_that_is_closed_is_told_with_its_mend_and_without_its_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = county(tmp_path)
    closed = made.deliver({"patient.csv": PATIENTS, "visit.csv": VISITS})
    opened = Path.iterdir

    def iterdir(folder: Path) -> Iterator[Path]:  # as root, whom no mode keeps out, a test cannot close a folder
        if folder == closed:
            raise PermissionError(13, "Permission denied", str(folder))
        return opened(folder)

    monkeypatch.setattr(Path, "iterdir", iterdir)
    with pytest.raises(LakeError, match="let its group read it") as told:
        made.take()
    assert closed.name not in str(told.value)
    assert told.value.__suppress_context__
