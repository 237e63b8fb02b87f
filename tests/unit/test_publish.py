"""A release is whole or absent, the same bytes from the same inputs, and names no one."""

from __future__ import annotations

import json
import os
import shutil
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from pipelines.cli import main
from pipelines.errors import ReleaseError
from pipelines.lake import Lake
from pipelines.publish import latest_release, verify_release
from pipelines.publish.key_rotation import rotate_key
from tests.unit.fake_lake import receipt
from tests.unit.publishing import AS_OF, Publish


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_release_verifies_and_is_the_latest(lake: Lake, publish_it: Publish) -> None:
    report = publish_it()
    assert report.is_new
    assert report.is_latest
    assert verify_release(report.release).faults == ()
    assert latest_release(lake) == report.release.resolve()
    assert (lake.root / "published/outcomes/latest").readlink() == Path("releases") / report.release_id


def test_the_same_inputs_publish_nothing_new(publish_it: Publish) -> None:
    first, second = publish_it(), publish_it()
    assert (first.is_new, second.is_new) == (True, False)
    assert first.release_id == second.release_id


def test_a_deleted_release_comes_back_byte_by_byte(publish_it: Publish) -> None:
    before = contents(publish_it().release)
    shutil.rmtree(publish_it().release)
    assert contents(publish_it().release) == before


def test_another_model_is_another_release(publish_it: Publish) -> None:
    assert publish_it(bundle="b1").release_id != publish_it(bundle="b2").release_id


def test_a_whole_release_that_a_crash_left_unnamed_is_promoted(lake: Lake, publish_it: Publish) -> None:
    report = publish_it()
    (lake.root / "published/outcomes/latest").unlink()
    (lake.root / "published/outcomes/releases/.half.123.staged").mkdir()
    again = publish_it()
    assert not again.is_new
    assert latest_release(lake) == report.release.resolve()
    assert [path.name for path in (lake.root / "published/outcomes/releases").iterdir()] == [report.release_id]


def test_a_run_for_a_past_date_does_not_take_readers_back(lake: Lake, publish_it: Publish) -> None:
    newer = publish_it(as_of=date(2026, 11, 2))
    older = publish_it(as_of=AS_OF)
    assert older.is_new
    assert not older.is_latest
    assert latest_release(lake) == newer.release.resolve()


@pytest.mark.parametrize("name", ["persons.parquet", "README.md", "report.html", "contracts/persons.odcs.yaml"])
def test_a_flipped_bit_is_found_and_stops_the_next_run(publish_it: Publish, name: str) -> None:
    path = publish_it().release / name
    damaged = bytearray(path.read_bytes())
    damaged[len(damaged) // 2] ^= 1
    path.write_bytes(damaged)
    assert verify_release(path.parents[name.count("/")]).faults == (
        f"{name}: its bytes are not those that were published",
    )
    with pytest.raises(ReleaseError, match="is damaged"):
        publish_it()


def test_a_missing_and_an_added_file_are_found(publish_it: Publish) -> None:
    folder = publish_it().release
    (folder / "providers.parquet").unlink()
    (folder / "notes.txt").write_text("mine")
    assert verify_release(folder).faults == ("notes.txt: not in the manifest", "providers.parquet: missing")


def test_no_person_id_and_no_client_id_is_published(publish_it: Publish) -> None:
    folder = publish_it().release
    names = {name for path in folder.glob("*.parquet") for name in pq.read_schema(path).names}
    assert not names & {"person_id", "client_id", "client_key", "identity_id"}
    persons = pq.read_table(folder / "persons.parquet").to_pylist()
    assert [len(row["person_key"]) for row in persons] == [32, 32, 32]


def test_birth_years_of_the_oldest_are_one(publish_it: Publish) -> None:
    persons = pq.read_table(publish_it().release / "persons.parquet").to_pylist()
    years = {(row["birth_year"], row["is_90_or_older"]) for row in persons}
    assert years == {(1980, False), (1936, True), (None, False)}


def test_a_release_without_its_key_is_never_given_a_new_one(lake: Lake, publish_it: Publish) -> None:
    publish_it()
    (lake.root / "keys/person_key.key").unlink()
    with pytest.raises(ReleaseError, match="Restore the key file"):
        publish_it()


def test_a_key_that_others_can_read_is_refused(lake: Lake, publish_it: Publish) -> None:
    publish_it()
    key = lake.root / "keys/person_key.key"
    assert key.stat().st_mode & 0o777 == 0o600
    key.chmod(0o640)
    with pytest.raises(ReleaseError, match="read by others"):
        publish_it()


def test_a_short_key_is_refused(lake: Lake, publish_it: Publish) -> None:
    publish_it()
    key = lake.root / "keys/person_key.key"
    key.write_bytes(b"short")
    with pytest.raises(ReleaseError, match="at least 32"):
        publish_it()


def test_another_key_that_nobody_meant_stops_before_anything_is_published(lake: Lake, publish_it: Publish) -> None:
    first = publish_it()
    right = (lake.root / "keys/person_key.key").read_bytes()
    (lake.root / "keys/person_key.key").write_bytes(os.urandom(32))
    with pytest.raises(ReleaseError, match=f"is not the key that {first.release_id} was made with"):
        publish_it(bundle="b2")
    with pytest.raises(ReleaseError, match="is not the key"):
        rotate_key(lake, "ada", "yearly")
    (lake.root / "keys/person_key.key").write_bytes(right)
    assert publish_it(bundle="b2").is_latest


def test_a_key_that_is_rotated_gives_other_names_and_another_release(lake: Lake, publish_it: Publish) -> None:
    first = publish_it()
    words = ["release", "rotate-key", "--lake", str(lake.root), "--by", "ada", "--reason", "yearly"]
    assert CliRunner().invoke(main, words).exit_code == 0
    assert len(list((lake.root / "keys").glob("person_key.*.key"))) == 1, "the old key stays for traces"
    second = publish_it()
    assert first.release_id != second.release_id
    keys = [set(pq.read_table(one.release / "persons.parquet")["person_key"].to_pylist()) for one in (first, second)]
    assert not keys[0] & keys[1]


def test_a_table_that_breaks_its_contract_is_not_published(lake: Lake, publish_it: Publish) -> None:
    import duckdb

    with duckdb.connect() as connection:
        doubled = connection.sql("select 'P1' as provider_id, 'A' as provider_name, 'SPA1' as service_area_code "
                                 "union all select 'P1', 'B', 'SPA2'")  # fmt: skip
        lake.write("standard", "providers", doubled)
    with pytest.raises(ReleaseError, match="providers: two rows share their provider_id"):
        publish_it()
    assert latest_release(lake) is None
    assert not list((lake.root / "published/outcomes").rglob("*.parquet"))


def test_a_held_delivery_is_named_as_a_stale_source(publish_it: Publish) -> None:
    late = receipt("sheriff", date(2026, 11, 2), status="held", rules=("file.empty",))
    told = json.loads((publish_it(as_of=date(2026, 11, 2), held=(late,)).release / "manifest.json").read_text())
    (stale,) = [entry for entry in told["stale_sources"] if entry["agency"] == "sheriff"]
    assert stale["latest_accepted_as_of"] == "2026-11-01"
    assert stale["held_deliveries"] == [{"delivery_id": late.delivery_id, "rules": ["file.empty"]}]


def test_a_manifest_tells_no_time_and_no_place(lake: Lake, publish_it: Publish) -> None:
    text = (publish_it().release / "manifest.json").read_text()
    assert str(lake.root) not in text
    assert set(json.loads(text)) == {
        "data_through", "disclosure", "files", "format", "inputs", "product", "release_id", "rows", "stale_sources",
    }  # fmt: skip
