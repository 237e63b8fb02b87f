"""A night that builds on the last one comes to what a full run comes to, whatever came and went."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linkage_rules import blocking
from linkage_rules.bundle import shipped_bundle
from pipelines.lake import Lake
from pipelines.link import graph, link, verify_linkage
from pipelines.link import keys as keys_module
from tests.linkage.bundles import stricter_bundle
from tests.linkage.records import standardised

FIRST = ["Ana", "Anna", "Bea", "Bo", "Cal", "Dee"]
LAST = ["Lopez", "Lopes", "Ng", "Okafor"]
BORN = ["1980-12-05", "1980-12-06", "1975-03-22", "1975-03-23"]
AGENCIES = ["sheriff", "health", "hmis"]
CLIENT = st.fixed_dictionaries(
    {
        "first_name": st.sampled_from(FIRST),
        "last_name": st.sampled_from(LAST),
        "dob": st.sampled_from(BORN),
        "ssn": st.sampled_from([None, None, "139-47-6997", "139-47-6987", "528-91-1234"]),
        "address": st.sampled_from([None, "31 Main St", "99 Elm Ave"]),
        "sex": st.sampled_from(["F", "M", None]),
    }
)
NIGHT = st.dictionaries(st.tuples(st.sampled_from(AGENCIES), st.integers(0, 12)), CLIENT, min_size=1, max_size=30)
DECISION = st.tuples(
    st.tuples(st.sampled_from(AGENCIES), st.integers(0, 12)),
    st.tuples(st.sampled_from(AGENCIES), st.integers(0, 12)),
    st.sampled_from(["same", "different"]),
)

Night = Mapping[tuple[str, int], Mapping[str, Any]]


def standard(tmp_path: Path, lake: Lake, night: Night) -> None:
    """Write standard/identities and standard/clients of a night's clients."""
    rows = [{"source": agency, "source_record_id": f"{number}", **client} for (agency, number), client in night.items()]
    with standardised(tmp_path, rows) as connection:
        lake.write("standard", "identities", connection.sql("from standard.identities order by identity_id"))
        lake.write("standard", "clients", connection.sql("from standard.clients order by client_key"))


def decided(path: Path, decisions: Sequence[tuple[tuple[str, int], tuple[str, int], str]]) -> Path:
    rows = [
        {"agency_l": a, "client_id_l": f"{i}", "agency_r": b, "client_id_r": f"{j}", "decision_code": code}
        for (a, i), (b, j), code in decisions
    ]
    names = ("agency_l", "client_id_l", "agency_r", "client_id_r", "decision_code")
    pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String)).write_parquet(path)
    return path


def tables(lake: Lake) -> dict[str, bytes]:
    return {name: lake.path("linked", name).read_bytes() for name in ("links", "clusters")}


def fingerprint_of(lake: Lake) -> str:
    return str(json.loads((lake.zone("linked") / "remembered.json").read_text(encoding="utf-8"))["fingerprint"])


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks so small that a handful of clients lengthens and shortens keys."""
    monkeypatch.setattr(keys_module, "max_block", lambda _, is_weak: 2 if is_weak else 3)
    monkeypatch.setattr(keys_module, "LAST_BLOCK_FACTOR", 2)


NIGHTS = st.lists(
    st.tuples(
        st.dictionaries(st.tuples(st.sampled_from(AGENCIES), st.integers(0, 12)), CLIENT, max_size=5),
        st.sets(st.tuples(st.sampled_from(AGENCIES), st.integers(0, 12)), max_size=8),
        st.lists(DECISION, max_size=2),
        st.sampled_from([3, 3, 3, 5]),
    ),
    min_size=1,
    max_size=3,
)
"""Each night: clients who come or are described anew, who are gone, decisions that stand, how large a block may be."""


def apart(tables_of_one: dict[str, bytes], tables_of_other: dict[str, bytes]) -> list[str]:
    return [name for name, bytes_of_one in tables_of_one.items() if bytes_of_one != tables_of_other[name]]


@settings(deadline=None, max_examples=4, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=NIGHT, nights=NIGHTS)
def test_incremental_is_full(tmp_path_factory: pytest.TempPathFactory, first: Night, nights: Any) -> None:
    folder = tmp_path_factory.mktemp("nights")
    nightly, clients = Lake(folder / "nightly"), dict(first)
    for number, (changed, gone, decisions, limit) in enumerate([({}, set(), [], 3), *nights]):
        clients = {who: client for who, client in (clients | changed).items() if who not in gone}
        said = decided(folder / "decisions.parquet", decisions)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(keys_module, "max_block", lambda _, is_weak, most=limit: most - 1 if is_weak else most)
            standard(folder, nightly, clients)
            report = link(nightly, shipped_bundle(), said)
            fresh = Lake(folder / f"fresh{number}")
            standard(folder, fresh, clients)
            full = link(fresh, shipped_bundle(), said, is_full=True)
        assert not apart(tables(nightly), tables(fresh))
        assert (report.clusters, report.links, report.pairs_by_rule) == (full.clusters, full.links, full.pairs_by_rule)


def people(numbers: Sequence[int], **changed: Any) -> Night:
    letters = "ABCDEFGHIJ"
    born = {"dob": "1980-12-05", "sex": "F"} | changed
    return {
        ("sheriff", n): {"first_name": f"A{letters[n % 10].lower()}an", "last_name": f"Z{letters[n // 10]}ork", **born}
        for n in numbers
    }


def test_a_second_night_without_news_scores_nothing_and_changes_no_byte(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "lake")
    standard(tmp_path, lake, people(range(20)))
    first, before = link(lake, shipped_bundle()), tables(lake)
    second = link(lake, shipped_bundle())
    assert first.candidate_pairs > 0
    assert second.candidate_pairs == 0
    assert (second.links, tables(lake)) == (first.links, before)


def test_a_block_that_grows_too_large_loses_the_pairs_that_only_it_met(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "lake")
    pair = {
        ("health", 1): {"first_name": "Maria", "last_name": "Garcia", "dob": "1980-12-05", "sex": "F"},
        ("hmis", 1): {"first_name": "Xochitl", "last_name": "Lee", "dob": "1980-12-05", "sex": "F"},
    }
    for night in (pair, pair | people(range(8)), pair):
        standard(tmp_path, lake, night)
        report = link(lake, shipped_bundle())
        fresh = Lake(tmp_path / "fresh")
        standard(tmp_path, fresh, night)
        assert tables(lake) == (link(fresh, shipped_bundle(), is_full=True), tables(fresh))[1]
        assert report.clients == len(night)


def test_clusters_that_nothing_touched_are_not_cut_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lake = Lake(tmp_path / "lake")
    twice = people(range(6)) | {("health", n): client for (_, n), client in people(range(6)).items()}
    standard(tmp_path, lake, twice)
    link(lake, shipped_bundle())
    cut: list[int] = []
    clusters = graph.clusters
    monkeypatch.setattr(graph, "clusters", lambda labels, *rest: (cut.append(len(labels)), clusters(labels, *rest))[1])
    standard(tmp_path, lake, twice | {("hmis", 3): twice["sheriff", 3]})
    link(lake, shipped_bundle())
    fresh = Lake(tmp_path / "fresh")
    standard(tmp_path, fresh, twice | {("hmis", 3): twice["sheriff", 3]})
    link(fresh, shipped_bundle(), is_full=True)
    assert not apart(tables(lake), tables(fresh))
    night, full = cut
    assert night < full


def test_a_decision_that_is_withdrawn_parts_who_was_tied_by_it(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "lake")
    two = {
        ("sheriff", 1): {"first_name": "Maria", "last_name": "Garcia", "dob": "1980-12-05", "sex": "F"},
        ("health", 2): {"first_name": "Robert", "last_name": "Smith", "dob": "1961-03-22", "sex": "M"},
    }
    standard(tmp_path, lake, two)
    found = []
    for decisions in ([], [(("sheriff", 1), ("health", 2), "same")], []):
        found.append(link(lake, shipped_bundle(), decided(tmp_path / "said.parquet", decisions)).clusters)
    assert found == [2, 1, 2]


def test_a_night_of_another_model_is_that_model_in_full(tmp_path: Path) -> None:
    lake, fresh = Lake(tmp_path / "lake"), Lake(tmp_path / "fresh")
    for one in (lake, fresh):
        standard(tmp_path, one, people(range(12)))
    link(lake, shipped_bundle())
    stricter = stricter_bundle(tmp_path / "stricter")
    assert link(lake, stricter).is_full
    link(fresh, stricter)
    assert not apart(tables(lake), tables(fresh))


def test_another_model_or_another_rule_is_a_full_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lake = Lake(tmp_path / "lake")
    standard(tmp_path, lake, people(range(12)))
    first = link(lake, shipped_bundle())
    before = fingerprint_of(lake)
    monkeypatch.setattr(keys_module, "RULES", blocking.RULES[:-1])
    assert link(lake, shipped_bundle()).candidate_pairs == first.candidate_pairs
    assert fingerprint_of(lake) != before


def test_a_state_that_was_being_written_is_not_trusted(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "lake")
    standard(tmp_path, lake, people(range(12)))
    first, before = link(lake, shipped_bundle()), tables(lake)
    (lake.zone("linked") / "remembered.json").unlink()
    again = link(lake, shipped_bundle())
    assert (again.candidate_pairs, tables(lake)) == (first.candidate_pairs, before)


def test_the_oracle_finds_a_score_a_link_and_a_cluster_that_are_not_what_a_full_run_gives(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "lake")
    standard(tmp_path, lake, people(range(12)) | {("health", n): client for (_, n), client in people(range(6)).items()})
    link(lake, shipped_bundle())
    assert verify_linkage(lake, shipped_bundle()).is_equal
    links, clusters = (pl.read_parquet(lake.path("linked", name)) for name in ("links", "clusters"))
    nudged = pl.when(pl.int_range(pl.len()) == 0).then(pl.col("match_weight") * (1 + 2**-50))
    links.slice(1).with_columns(nudged.otherwise("match_weight").alias("match_weight")).write_parquet(
        lake.path("linked", "links")
    )
    clusters.with_columns(pl.col("cluster_id") + (pl.int_range(pl.len()) == 0)).write_parquet(
        lake.path("linked", "clusters")
    )
    found = verify_linkage(lake, shipped_bundle())
    assert (found.links_missing, found.scores_differing, found.clients_placed_otherwise) == (1, 1, 1)
    assert not found.is_equal
