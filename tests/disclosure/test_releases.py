"""Releases of one lake, as their readers have them: the attacker reads files and nothing else."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from pipelines.audit import acts, verify_audit
from pipelines.cli import main
from pipelines.errors import LakeError
from pipelines.lake import Lake
from pipelines.publish import publish, read_manifest, release
from pipelines.publish.disclosure.audit import disclosure_faults
from pipelines.publish.disclosure.opt_outs import opt_out, opted_out
from tests.disclosure.attacker import Attacker, results_of
from tests.disclosure.test_attacker import is_found_out
from tests.unit.fake_lake import TABLES, fake_lake, receipt, shipped_contracts

NIGHTS = [date(2026, 11, day) for day in (1, 2, 3)]
SAID_AT = datetime(2026, 11, 1, tzinfo=UTC)
Night = Callable[..., Path]
CELLS = "('all', 'all', null, {total}, 60.0), ('provider', 'P1', null, 60, 35.0), ('provider', 'P2', null, {p2}, 25.0)"
PROGRAM = ", ('provider', 'P3', null, {p3}, 0.0)"


def results(p2: int, p3: int) -> str:
    """Results of three providers and their total, as the fake lake has them."""
    shipped = TABLES["outcomes.measure_results"]
    start, end = shipped.index("('all', 'all', null, 60"), shipped.index(") as t (cut_code, cut_value, period")
    cells = (CELLS + PROGRAM).format(total=60 + p2 + p3, p2=p2, p3=p3)
    return shipped[:start] + cells + "\n        " + shipped[end:]


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return fake_lake(tmp_path / "lake")


@pytest.fixture
def night(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> Night:
    monkeypatch.setattr(release, "accepted_deliveries", lambda lake, as_of: [receipt("sheriff", NIGHTS[0])])
    monkeypatch.setattr(release, "lake_faults", lambda lake: [])  # results change here without their person rows

    def run(as_of: date, p2: int = 40, p3: int = 5) -> Path:
        with duckdb.connect() as connection:
            lake.write("outcomes", "measure_results", connection.sql(results(p2, p3)))
        return publish(
            lake,
            contracts=shipped_contracts(),
            outcome_contracts=Path("outcome_contracts"),
            bundle_version="b1",
            as_of=as_of,
            held=(),
        ).release

    return run


def read(releases: list[Path], changed: set[str]) -> Attacker:
    """The attacker with the folders of releases, knowing which providers did not change."""

    def since(number: int, place: tuple[str, str, str | None], count: str) -> int:
        return number if place[1] in changed and count == "n" else 0

    told = [results_of(folder) for folder in releases]
    return Attacker(since).read([rows for rows, _ in told], [day for _, day in told])


def test_nobody_works_out_a_small_provider_from_the_files_of_all_releases(night: Night) -> None:
    releases = [night(NIGHTS[0]), night(NIGHTS[1], p2=60)]
    attacker = read(releases, {"all", "provider=P2"})
    name = attacker.name(0, ("jail_return", "provider=P3", None), "n")
    assert not is_found_out(5, attacker.attack([name])[name])


def test_nobody_works_out_who_came_between_two_releases(night: Night) -> None:
    releases = [night(NIGHTS[0], p3=15), night(NIGHTS[1], p2=41, p3=15)]
    rows, day = results_of(releases[1])
    days = {row["cut_value"]: row["told_as_of_on"] for row in rows}
    assert days["P2"] == days["all"] == NIGHTS[0]
    assert (days["P1"], day) == (NIGHTS[1], NIGHTS[1])
    attacker = read(releases, {"all", "provider=P2"})
    name = (1, ("jail_return", "provider=P2", None), "n")
    assert not is_found_out(41, attacker.attack([name])[name])


def test_a_lost_release_comes_back_to_the_byte_though_later_ones_stand(night: Night) -> None:
    first, _ = night(NIGHTS[0]), night(NIGHTS[1], p2=60)
    before = {path.name: path.read_bytes() for path in first.iterdir() if path.is_file()}
    shutil.rmtree(first)
    again = night(NIGHTS[0])
    assert again == first
    assert {path.name: path.read_bytes() for path in again.iterdir() if path.is_file()} == before


def test_a_release_says_what_was_done_and_passes_its_own_audit(night: Night) -> None:
    folder = night(NIGHTS[0])
    told = {row["table_name"]: row for row in pq.read_table(folder / "disclosure.parquet").to_pylist()}
    assert set(told) == {
        "contract_statements",
        "deliveries",
        "linkage_by_group",
        "linkage_figures",
        "linkage_quality",
        "measure_results",
    }
    assert told["measure_results"]["withheld_themselves"] >= 1
    assert {row["given_away_before"] for row in told.values()} == {0}
    assert disclosure_faults(folder) == []
    methods = read_manifest(folder)["disclosure"]["methods"]
    assert {name for name, method in methods.items() if method != "withhold"} == {"deliveries"}
    assert methods["deliveries"] == "round"


def test_a_small_cell_in_a_file_fails_the_audit(night: Night, tmp_path: Path) -> None:
    folder = tmp_path / "changed"
    shutil.copytree(night(NIGHTS[0]), folder)
    rows = pq.read_table(folder / "measure_results.parquet").to_pylist()
    small = [row | {"n": 5} if row["cut_value"] == "P3" else row for row in rows]
    schema = pq.read_schema(folder / "measure_results.parquet")
    pq.write_table(
        pq.read_table(folder / "measure_results.parquet").from_pylist(small, schema), folder / "measure_results.parquet"
    )
    assert disclosure_faults(folder) == ["measure_results.n: 1 small cells are told"]
    assert CliRunner().invoke(main, ["disclosure", "audit", str(folder)]).exit_code == 1


def test_two_people_may_tell_a_table_as_it_is(night: Night, lake: Lake) -> None:
    controlled = night(NIGHTS[0])
    said = CliRunner().invoke(
        main,
        ["disclosure", "opt-out", "measure_results", "--lake", str(lake.root), "--by", "Ada", "--approved-by", "Grace",
         "--reason", "the recipient holds the persons already"],
    )  # fmt: skip
    assert said.exit_code == 0, said.output
    as_it_is = night(NIGHTS[0])
    assert as_it_is != controlled
    rows, _ = results_of(as_it_is)
    assert {row["n"] for row in rows} == {105, 60, 40, 5}
    assert read_manifest(as_it_is)["disclosure"]["methods"]["measure_results"] == "none"
    (act,) = [act for act in acts(lake) if act.act == "disclosure_opted_out"]
    assert (act.by, act.subject, act.detail["approved_by"]) == ("Ada", "measure_results", "Grace")
    assert verify_audit(lake).faults == ()


def test_what_was_told_as_it_is_cannot_be_taken_back_in_silence(night: Night, lake: Lake) -> None:
    said = {"reason": "asked for", "at": SAID_AT}
    opt_out(lake, "measure_results", by="Ada", approved_by="Grace", **said)
    night(NIGHTS[0])
    opt_out(lake, "measure_results", by="Ada", approved_by="Grace", **said, is_out=False)
    assert opted_out(lake) == frozenset()
    assert disclosure_faults(night(NIGHTS[1])) == ["measure_results: 1 counts that earlier releases give away"]


@pytest.mark.parametrize(
    ("by", "approved_by", "table", "what"),
    [
        ("Ada", "ada ", "measure_results", "only if a second person agrees"),
        ("Ada", "", "measure_results", "say the name"),
        ("Ada", "Grace", "persons", "no table under disclosure control"),
    ],
)
def test_an_opt_out_needs_two_people_and_a_table(lake: Lake, by: str, approved_by: str, table: str, what: str) -> None:
    with pytest.raises(LakeError, match=what):
        opt_out(lake, table, by=by, approved_by=approved_by, reason="asked for", at=SAID_AT)
    assert opted_out(lake) == frozenset()
