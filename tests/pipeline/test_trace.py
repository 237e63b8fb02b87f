"""From any published number back to persons, episodes and the lines that agencies sent; and who looked is told."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from pipelines.audit import acts
from pipelines.cli import main
from pipelines.contracts.state import load_terms
from pipelines.errors import ReleaseError
from pipelines.outcomes import load_measures
from pipelines.publish import read_manifest
from pipelines.trace import Question, Trace, trace
from pipelines.trace.reading import READS, kinds_of
from schemas.data_contract import load_contracts
from tests.pipeline.counties import OUTCOME_CONTRACTS, Place

Walk = Callable[..., Trace]


@pytest.fixture(scope="module")
def walk(nightly: Place) -> Walk:
    """Trace a number of the latest release, or of another."""
    measures = {one.id: one for one in load_measures()}
    terms, contracts = load_terms(OUTCOME_CONTRACTS), load_contracts()

    def walked(subject: str, release: Path | None = None, **filters: str) -> Trace:
        return trace(nightly.lake, release or nightly.latest, Question(subject, **filters), measures, terms, contracts)

    return walked


def first_release(nightly: Place) -> Path:
    return min((nightly.lake.root / "published/outcomes/releases").iterdir())


def line_of(nightly: Place, agency: str, delivery_id: str, file_name: str, line: int) -> str:
    """The line as the agency sent it; the header is line 1."""
    day = delivery_id.split("_r")[0][-8:]
    path = nightly.landing / agency / f"{day[:4]}-{day[4:6]}-{day[6:]}" / file_name
    with path.open(newline="", encoding="utf-8") as file:
        return ",".join(list(csv.reader(file))[line - 1])


def test_a_measure_ties_out_and_every_row_stands_where_the_trace_says(nightly: Place, walk: Walk) -> None:
    found = walk("housing_stability_6_months")
    assert found.ties_out is True
    assert found.is_as_it_was
    assert found.made_from == read_manifest(nightly.latest)["inputs"]
    assert found.definitions[0]["sql"] == "housing_stability.sql"
    met = [row for row in found.rows if row["status_code"] == "met"]
    assert met
    for row in met:
        assert row["clients"]
        assert row["sources"], row["person_id"]
        for one in row["sources"]:
            text = line_of(nightly, one["agency"], one["delivery_id"], one["file_name"], one["line_number"])
            assert one["source_key"] in text


def test_a_line_of_a_statement_ties_out_to_the_cent(walk: Walk) -> None:
    found = walk("lacdmh_fsp:enrol")
    assert found.ties_out is True
    assert found.total == found.published[0]["amount_usd"] > 0
    assert all(row["amount_usd"] and row["clients"] for row in found.rows)
    assert {one["kind"] for row in found.rows for one in row["sources"]} >= {"partnership"}


def test_an_earlier_release_is_traced_to_the_rows_that_it_rests_on(nightly: Place, walk: Walk) -> None:
    earlier = first_release(nightly)
    found = walk("housing_stability_6_months", earlier)
    assert not found.is_as_it_was
    deliveries = set(read_manifest(earlier)["inputs"]["deliveries"])
    told = [one for row in found.rows for one in row["sources"]]
    assert told
    assert {one["delivery_id"] for one in told if not one["is_later"]} <= deliveries
    assert sum(one["is_later"] for one in told) < len(told) / 2
    one = next(one for one in told if not one["is_later"])
    assert one["source_key"] in line_of(
        nightly, one["agency"], one["delivery_id"], one["file_name"], one["line_number"]
    )


def test_one_person_of_a_release_can_be_asked_for(walk: Walk) -> None:
    key = walk("housing_stability_6_months").rows[0]["person_key"]
    found = walk("housing_stability_6_months", person_key=key)
    assert {row["person_key"] for row in found.rows} == {key}
    assert found.ties_out is None


def test_a_number_that_is_not_there_is_told_as_such(walk: Walk) -> None:
    with pytest.raises(ReleaseError, match="no row of housing_stability_6_months"):
        walk("housing_stability_6_months", program_code="NONE")


def test_a_release_made_with_another_key_is_not_guessed_at(nightly: Place, walk: Walk, tmp_path: Path) -> None:
    import shutil

    other = Path(shutil.copytree(nightly.latest, tmp_path / "other"))
    told = json.loads((other / "manifest.json").read_text())
    told["inputs"]["person_key_id"] = "another"
    (other / "manifest.json").write_text(json.dumps(told))
    with pytest.raises(ReleaseError, match="another person key"):
        walk("housing_stability_6_months", other)


def test_every_measure_reads_kinds_that_the_trace_knows() -> None:
    known = {kind for kinds in READS.values() for kind in kinds}
    for measure in load_measures():
        assert kinds_of(measure), measure.id
        assert set(kinds_of(measure)) <= known


def test_the_command_records_who_looked_before_it_shows(nightly: Place, tmp_path: Path) -> None:
    place = nightly.copy(tmp_path / "copy")
    out = tmp_path / "trace.json"
    words = ["trace", place.latest.name, "lacdmh_fsp:enrol", "--lake", str(place.lake.root), "--reason", "an audit"]
    said = CliRunner().invoke(main, [*words, "--out", str(out)])
    assert said.exit_code == 0, said.output
    assert "that is the published number" in said.output
    assert out.stat().st_mode & 0o077 == 0
    assert json.loads(out.read_text())["ties_out"] is True
    *_, last = acts(place.lake)
    assert (last.act, last.reason, last.subject) == (
        "number_traced", "an audit", f"{place.latest.name} lacdmh_fsp:enrol",
    )  # fmt: skip
    published = place.lake.root / "published" / "trace.json"
    refused = CliRunner().invoke(main, [*words, "--out", str(published)])
    assert refused.exit_code == 1
    assert not published.exists()


def test_two_releases_are_told_apart_with_what_changed(nightly: Place) -> None:
    words = ["diff", first_release(nightly).name, nightly.latest.name, "--lake", str(nightly.lake.root)]
    said = CliRunner().invoke(main, [*words, "--json"])
    assert said.exit_code == 1
    told = json.loads(said.output)
    causes = {one["cause_code"] for one in told["causes"]}
    assert {"as_of", "deliveries", "person_index_sha256"} <= causes
    assert not causes & {"code_sha256", "linkage_bundle", "person_key_id"}
    tables = {one["table_name"] for one in told["tables"]}
    assert {"person_measures", "deliveries"} <= tables
    same = CliRunner().invoke(
        main, ["diff", nightly.latest.name, nightly.latest.name, "--lake", str(nightly.lake.root)]
    )
    assert (same.exit_code, "  nothing" in same.output) == (0, True)
