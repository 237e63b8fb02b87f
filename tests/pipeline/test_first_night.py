"""The first night of a county, when what comes is not yet as promised, and that the next one is right."""

from __future__ import annotations

import shutil
from pathlib import Path

from pipelines.publish import read_manifest
from tests.pipeline.counties import NIGHTS, Place


def test_a_first_night_of_which_everything_is_held_says_so_and_the_next_one_publishes(
    county: Path, tmp_path: Path
) -> None:
    place = Place(tmp_path).deliver(county, NIGHTS[:1], ["fhsp"])
    (sent,) = (place.landing / "fhsp" / NIGHTS[0]).glob("*.csv")
    sent.write_text(sent.read_text().replace("client_id,", "client,", 1))
    summary = place.run()
    assert (summary.status, summary.exit_code, len(summary.held)) == ("failed", 1, 1)
    assert all("no delivery was ever accepted" in failure for failure in summary.failures)
    assert not (place.lake.zone("published") / "outcomes").exists()
    shutil.copytree(county / "landing/fhsp" / NIGHTS[0], place.landing / "fhsp" / f"{NIGHTS[0]}.r2")
    mended = place.run()
    assert (mended.status, mended.exit_code) == ("published", 0)
    assert read_manifest(place.latest)["rows"]["persons"] == mended.persons > 0


def test_a_first_night_of_empty_tables_is_a_release_of_nobody(county: Path, tmp_path: Path) -> None:
    place = Place(tmp_path).deliver(county, NIGHTS[:1], ["fhsp"])
    contracts = shutil.copytree(place.contracts, tmp_path / "contracts")
    contract = contracts / "incoming/fhsp/tenancy.odcs.yaml"
    contract.write_text(
        contract.read_text().replace("{property: mayBeEmpty, value: false}", "{property: mayBeEmpty, value: true}")
    )
    place = Place(tmp_path, contracts)
    (sent,) = (place.landing / "fhsp" / NIGHTS[0]).glob("*.csv")
    sent.write_text(sent.read_text().splitlines(keepends=True)[0])
    summary = place.run()
    assert [*summary.failures, *summary.held] == []
    assert (summary.status, summary.exit_code) == ("published", 0)
    assert read_manifest(place.latest)["rows"]["persons"] == 0


def test_what_lies_beside_deliveries_and_what_waits_is_told_with_its_mend(county: Path, tmp_path: Path) -> None:
    place = Place(tmp_path).deliver(county, NIGHTS[:1], ["fhsp"])
    (place.landing / "garage").mkdir()
    (place.landing / "fhsp" / "Alder family").mkdir()
    (place.landing / "fhsp" / f"{NIGHTS[1]}.zip.part").write_bytes(b"")
    summary = place.run()
    assert (summary.status, summary.exit_code) == ("published", 0)
    told = list(summary.lines())
    assert [line.split(" (")[0] for line in told if line.startswith("not a delivery")] == [
        "not a delivery: fhsp: delivery.bad_name: name the folder or archive <YYYY-MM-DD> or <YYYY-MM-DD>.r2, .r3, …",
        "not a delivery: the landing folder: delivery.unknown_agency: there is no contract for this agency; add one or "
        "remove its folder",
    ]
    assert "entry 2 of the landing folder" in " ".join(told), "garage follows fhsp"
    assert "waiting: a delivery of fhsp is not complete; it is taken when it is" in told
    assert any("landing_is_understood" in line and "move away what is no delivery" in line for line in told)
    assert "Alder" not in " ".join(told)
