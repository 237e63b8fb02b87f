"""A deleted client is in no byte of the lake, and everything that holds of a run still holds."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path

import duckdb
import polars as pl
import pytest
from click.testing import CliRunner, Result

from pipelines.audit import acts, verify_audit
from pipelines.cli import main
from pipelines.consent import Choice, record, recorded
from pipelines.deletion import conclude, erase, past_retention, read_pending
from pipelines.deletion.pending import Pending, write_pending
from pipelines.deletion.proving import own_values, search
from pipelines.deletion.withdrawing import keys_in
from pipelines.errors import LakeError
from pipelines.forgotten import certificates
from pipelines.ingest import take_deliveries
from pipelines.lake import Lake
from pipelines.person_index.as_of import index_as_of
from pipelines.person_index.update import latest_version
from pipelines.products import LAW
from pipelines.publish.person_keys import open_key_ring
from schemas.data_contract import load_contracts
from tests.pipeline.counties import NIGHTS, Place

WHO = ("--by", "ada", "--approved-by", "bo", "--reason", "the client asked for it")

LINKED_CLIENT = """
    select agency, client_id, person_id, client_key
    from person_index.person_of_client
    inner join (
        select person_id from person_index.person_of_client group by person_id having count(distinct agency) > 2
    ) using (person_id)
    where agency = 'sheriff'
    order by client_id limit 1
"""


@pytest.fixture(scope="module")
def place(nightly: Place, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A lake of two nights, to be changed."""
    return nightly.copy(tmp_path_factory.mktemp("deletion") / "place")


@pytest.fixture(scope="module")
def deleted(place: Place) -> tuple[str, int, int, frozenset[str], Result]:
    """A client of the Sheriff whom other agencies know too, deleted: id, person, key, own values, what was said."""
    ((agency, client_id, person_id, client_key),) = place.query(LINKED_CLIENT)
    values = own_values(place.lake, load_contracts(), [(agency, client_id)])
    record(place.lake, [Choice(agency, client_id, "opt_out", date(2026, 11, 2))], "clerk")
    told = CliRunner().invoke(main, ["delete", "--lake", str(place.lake.root), "--client", agency, client_id, *WHO])
    return client_id, person_id, client_key, values, told


def test_nothing_of_the_client_is_left_and_a_certificate_says_so(
    place: Place, deleted: tuple[str, int, int, frozenset[str], Result]
) -> None:
    client_id, _, client_key, values, told = deleted
    assert told.exit_code == 0, told.output
    assert len(values) > 3
    assert client_id.casefold() in values
    assert search(place.lake, values).found_in == ()
    certificate = json.loads((place.lake.root / "forgotten/certificates/00000001.json").read_text())
    assert certificate["found"] == 0
    assert certificate["clients"] == 1
    assert certificate["rows"]["raw/sheriff/person"] >= 1
    assert certificate["rows"]["releases"] >= 1
    assert not [value for value in values if value in json.dumps(certificate).casefold()]
    assert not [value for value in values if value in told.output.casefold()]
    keys = place.query("select count(*) from standard.clients where client_key = " + str(client_key))
    assert keys == [(0,)]


def test_the_certificate_names_what_it_could_not_reach_and_what_to_do(
    place: Place, deleted: tuple[str, int, int, frozenset[str], Result]
) -> None:
    certificate = json.loads((place.lake.root / "forgotten/certificates/00000001.json").read_text())
    left = {one["where"]: one for one in certificate["not_reached"]}
    sent = {path.name for path in (place.lake.root / "raw" / "sheriff").iterdir()}
    assert set(left["landing_folder"]["ids"]) & sent
    assert len(left["releases"]["ids"]) == certificate["rows"]["releases"]
    assert all(one["do"] for one in left.values())
    assert {"agency", "audit_log"} <= left.keys()
    assert left["landing_folder"]["ids"][0] in deleted[4].output


def test_the_search_finds_what_is_planted(place: Place, deleted: tuple[str, int, int, frozenset[str], Result]) -> None:
    planted = place.lake.root / "reports" / "planted.parquet"
    planted.parent.mkdir(exist_ok=True)
    pl.DataFrame({"name": [max(deleted[3], key=len).upper()]}).write_parquet(planted, compression="zstd")
    assert search(place.lake, deleted[3]).found_in == ("reports/planted.parquet",)
    planted.unlink()


def test_the_ledger_still_replays_to_every_version(
    place: Place, deleted: tuple[str, int, int, frozenset[str], Result]
) -> None:
    lake = place.lake
    for version in range(1, latest_version(lake) + 1):
        with duckdb.connect() as connection:
            assert index_as_of(connection, lake, version).fetchall()
    named = place.query("select distinct client_key from person_index.ledger where client_key < 0")
    assert named == [(-1_000_000,)]
    assert place.query(f"select count(*) from person_index.ledger where client_key = {deleted[2]}") == [(0,)]


def test_what_is_left_is_what_a_full_run_comes_to(
    place: Place, deleted: tuple[str, int, int, frozenset[str], Result]
) -> None:
    checked = CliRunner().invoke(main, ["relink", "--lake", str(place.lake.root), "--verify"])
    assert checked.exit_code == 0, checked.output


def test_choices_stay_without_the_client_and_the_audit_log_is_whole(
    place: Place, deleted: tuple[str, int, int, frozenset[str], Result]
) -> None:
    (choice,) = recorded(place.lake)
    assert choice.client_id == "deleted-1-0"
    assert [act.subject for act in acts(place.lake) if act.act == "client_deleted"] == ["deletion 1"]
    assert verify_audit(place.lake).is_whole


def test_no_release_that_is_left_holds_the_person_under_its_key_of_then(
    place: Place, deleted: tuple[str, int, int, frozenset[str], Result]
) -> None:
    key = open_key_ring(place.lake, "outcomes").person_key(deleted[1])
    releases = [path for path in (place.lake.root / "published/outcomes/releases").glob("[!.]*") if path.is_dir()]
    assert releases == [place.latest]
    rows = pl.read_parquet(place.latest / "persons.parquet").filter(pl.col("person_key") == key)
    assert not [agencies for agencies in rows["agencies"] if "sheriff" in agencies]
    assert (rows.height > 0) == (key in keys_in(place.latest))


def test_a_later_delivery_does_not_bring_the_client_back(
    place: Place, county: Path, deleted: tuple[str, int, int, frozenset[str], Result]
) -> None:
    shipped = county / "landing" / "sheriff" / NIGHTS[0]
    again = place.landing / "sheriff" / f"{NIGHTS[0]}.r2"
    again.mkdir(parents=True)
    for path in shipped.iterdir():
        (again / path.name).write_bytes(path.read_bytes())
    taken = take_deliveries(place.lake, place.landing, load_contracts()).taken
    assert [one.revision for one in taken if one.agency == "sheriff"] == [2]
    assert "delivery.rows_deleted" in {warning.rule_id for one in taken for warning in one.warnings}
    assert search(place.lake, deleted[3]).found_in == ()


def test_who_is_unknown_cannot_be_deleted_and_one_person_alone_deletes_nobody(place: Place) -> None:
    lake = ("delete", "--lake", str(place.lake.root))
    unknown = CliRunner().invoke(main, [*lake, "--client", "sheriff", "NOBODY-1", *WHO])
    assert unknown.exit_code == 1
    assert "NOBODY" not in unknown.output
    alone = CliRunner().invoke(
        main, [*lake, "--client", "sheriff", "X", "--by", "a", "--approved-by", "A", "--reason", "x"]
    )
    assert "a second person" in alone.output


def test_a_deletion_that_was_begun_is_taken_up_before_another(place: Place, tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    write_pending(lake, Pending((("sheriff", "1"),), frozenset({7}), frozenset({"quolm"})))
    begun = read_pending(lake)
    assert begun is not None
    assert (begun.clients, begun.persons, begun.values) == ((("sheriff", "1"),), {7}, {"quolm"})
    with pytest.raises(LakeError, match="--resume"):
        erase(lake, load_contracts(), [("sheriff", "2")])
    assert not (place.lake.root / "decisions/.deletion.json").exists()


def test_what_a_deletion_unnamed_before_it_was_cut_off_is_sealed_when_it_is_taken_up(
    nightly: Place, tmp_path: Path
) -> None:
    lake, client = Lake(tmp_path / "lake"), ("sheriff", "Q-7781")
    shutil.copytree(nightly.lake.root / "person_index", lake.root / "person_index")
    record(lake, [Choice(*client, "opt_out", date(2026, 11, 2))], "clerk")
    assert erase(lake, load_contracts(), [client]).number == 1
    again = erase(lake, load_contracts(), [client])
    assert (again.number, again.rows["decisions"]) == (2, 0)
    conclude(lake, again, by="ada", approved_by="bo", reason="the client asked for it")
    assert "Q-7781" not in (lake.root / "decisions/consent/00000001.json").read_text(encoding="utf-8")
    assert verify_audit(lake).faults == ()


def test_who_is_past_retention_is_found_by_the_newest_row_alone(place: Place) -> None:
    contracts = load_contracts()
    ((rule, nobody),) = past_retention(place.lake, contracts, LAW, date(2026, 11, 3)).items()
    ((_, everybody),) = past_retention(place.lake, contracts, LAW, date(2034, 1, 1)).items()
    assert rule.agency == "hmis"
    assert nobody == []
    ((clients,),) = place.query("select count(*) from standard.clients where agency = 'hmis'")
    assert len(everybody) == clients


def test_certificates_are_kept_in_order(place: Place, deleted: tuple[str, int, int, frozenset[str], Result]) -> None:
    assert [one["number"] for one in certificates(Lake(place.lake.root))] == [1]
