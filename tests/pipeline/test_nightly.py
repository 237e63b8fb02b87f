"""The whole night, from deliveries to a release."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections import Counter
from pathlib import Path

import duckdb
import pytest

from pipelines.publish import read_manifest, verify_release
from pipelines.publish.companions import query_texts
from pipelines.validate.receipts import receipts
from tests.pipeline.counties import (
    AGENCIES,
    NIGHTS,
    PARTITION,
    PERSON_MEASURES,
    Place,
    aggregates,
    contents,
)


def test_every_row_is_accepted_quarantined_or_superseded(nightly: Place) -> None:
    counts = [one for receipt in receipts(nightly.lake) for one in receipt.tables.values()]
    assert len(counts) > 30
    assert all(one.rows_in == one.accepted + one.quarantined + one.superseded for one in counts)


def test_a_release_tells_rows_in_tens_for_a_row_may_be_a_person(nightly: Place) -> None:
    went = "select rows_in, accepted + quarantined + superseded + rows_held from read_parquet($path)"
    with duckdb.connect() as connection:
        rows = connection.execute(went, {"path": str(nightly.latest / "deliveries.parquet")}).fetchall()
    assert len(rows) > 30
    assert all(rows_in % 10 == 0 and abs(rows_in - told) < 50 for rows_in, told in rows)


def test_every_row_as_sent_is_counted(nightly: Place) -> None:
    """Lines of the CSV files, headers left out; the synthetic county writes no line breaks inside a value."""
    sent = {path.relative_to(nightly.landing).parts[:2]: 0 for path in nightly.landing.rglob("*.csv")}
    for path in nightly.landing.rglob("*.csv"):
        sent[path.relative_to(nightly.landing).parts[:2]] += len(path.read_bytes().splitlines()) - 1
    told = Counter[tuple[str, str]]()
    for receipt in receipts(nightly.lake):
        rows = sum(one.rows_in for one in receipt.tables.values())
        told[receipt.agency, receipt.as_of.isoformat()] += rows
    assert told == sent


def test_a_release_of_the_night_verifies_and_holds_results(nightly: Place) -> None:
    found = verify_release(nightly.latest)
    assert found.faults == ()
    rows = read_manifest(nightly.latest)["rows"]
    assert rows["persons"] > 100
    assert rows["measure_results"] > 100
    assert read_manifest(nightly.latest)["stale_sources"] == []


def test_clients_of_several_agencies_become_one_person(nightly: Place) -> None:
    ((clients, persons),) = nightly.query(
        "select count(*), count(distinct person_id) from person_index.person_of_client"
    )
    assert persons < 0.8 * clients


def test_a_night_over_deltas_gives_what_a_full_run_gives(nightly: Place, at_once: Place) -> None:
    assert nightly.query(PARTITION) == at_once.query(PARTITION)
    assert nightly.query(PERSON_MEASURES) == at_once.query(PERSON_MEASURES)
    assert aggregates(nightly.latest) == aggregates(at_once.latest)
    scores = "select identity_id_l, identity_id_r, match_weight from linked.links order by all"
    assert nightly.query(scores) == at_once.query(scores)


def test_the_order_of_deliveries_and_sending_twice_do_not_matter(county: Path, at_once: Place, tmp_path: Path) -> None:
    place = Place(tmp_path).deliver(county, [NIGHTS[1]], reversed(AGENCIES))
    place.use_key_of(at_once).remember_as(at_once)  # the key draws how numbers of rows are rounded
    place.run_up_to_link()
    place.deliver(county, [NIGHTS[0]])
    send_again_as_archives(place.landing)
    place.run_stages()
    assert place.query(PARTITION) == at_once.query(PARTITION)
    assert place.query(PERSON_MEASURES) == at_once.query(PERSON_MEASURES)
    assert aggregates(place.latest) == aggregates(at_once.latest)


def send_again_as_archives(landing: Path) -> None:
    """Replace the sheriff's folders by zips of the same files, as a resend after a moved upload."""
    for folder in [path for path in (landing / "sheriff").iterdir() if path.is_dir()]:
        with zipfile.ZipFile(folder.with_name(folder.name + ".zip"), "w") as archive:
            for path in sorted(folder.iterdir(), reverse=True):
                archive.write(path, path.name)
        shutil.rmtree(folder)


def test_a_second_run_publishes_nothing_new_and_a_lost_release_comes_back(nightly: Place, tmp_path: Path) -> None:
    place = nightly.copy(tmp_path / "copy")
    before = contents(place.latest)
    again = place.run()
    assert (again.status, again.exit_code) == ("nothing_new", 0)
    shutil.rmtree(place.latest)
    rebuilt = place.run_stages()
    assert rebuilt.is_new
    assert contents(rebuilt.release) == before


@pytest.mark.parametrize("query", query_texts(), ids=lambda text: text.splitlines()[0][3:40])
def test_the_queries_of_the_readme_run_as_given(nightly: Place, query: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert query in (nightly.latest / "README.md").read_text()
    monkeypatch.chdir(nightly.latest)
    with duckdb.connect() as connection:
        assert connection.execute(query).fetchall()


def test_pandas_reads_a_release(nightly: Place) -> None:
    pandas = pytest.importorskip("pandas")
    results = pandas.read_parquet(nightly.latest / "measure_results.parquet")
    assert {"measure_id", "estimate", "suppressed"} <= set(results.columns)


def test_a_broken_delivery_is_held_and_the_others_go_on(nightly: Place, county: Path, tmp_path: Path) -> None:
    place = nightly.copy(tmp_path / "copy").deliver(county, [NIGHTS[2]])
    before = contents(place.latest)
    earlier = place.latest
    broken = place.landing / "sheriff" / NIGHTS[2] / "person.csv"
    broken.write_text(broken.read_text().replace("main_number,", "inmate,", 1))
    summary = place.run()
    assert summary.exit_code != 0
    assert summary.status == "published"
    (held,) = summary.held
    assert (held["agency"], held["as_of"]) == ("sheriff", NIGHTS[2])
    assert all(reason["file"] and reason["rule"] and reason["mend"] for reason in held["reasons"])
    (stale,) = read_manifest(place.latest)["stale_sources"]
    assert (stale["agency"], stale["latest_accepted_as_of"]) == ("sheriff", NIGHTS[1])
    assert stale["held_deliveries"][0]["delivery_id"] == held["delivery_id"]
    assert place.latest.name.startswith(NIGHTS[2])
    assert contents(earlier) == before
    assert not list((place.lake.root / "validated/sheriff" / held["delivery_id"]).glob("*.parquet"))
    mend(place, county)


def mend(place: Place, county: Path) -> None:
    """The agency sends a revision, and the next run is at peace."""
    shutil.copytree(county / "landing/sheriff" / NIGHTS[2], place.landing / "sheriff" / f"{NIGHTS[2]}.r2")
    summary = place.run()
    assert (summary.status, summary.exit_code, summary.held) == ("published", 0, [])


def test_a_summary_is_json_without_a_value_of_a_row(nightly: Place, county: Path) -> None:
    text = "\n".join(nightly.said)
    assert "publish" in text
    names = {
        line.split(",")[2] for line in (county / "landing/sheriff" / NIGHTS[0] / "person.csv").read_text().splitlines()
    }
    assert not {name for name in names if len(name) > 4 and name.lower() in text.lower()}
    json.dumps({"said": nightly.said})


def test_no_small_cell_is_published(nightly: Place) -> None:
    small = """
        select count(*) from read_parquet($path)
        where n between 1 and 10 or (numerator > 0 and numerator < 11) or censored between 1 and 10
            or immature between 1 and 10 or unknown between 1 and 10 or excluded between 1 and 10
            or (kind = 'proportion' and n - numerator > 0 and n - numerator < 11)
            or (numerator is null and estimate is not null)
    """
    with duckdb.connect() as connection:
        path = str(nightly.latest / "measure_results.parquet")
        assert connection.execute(small, {"path": path}).fetchall() == [(0,)]
