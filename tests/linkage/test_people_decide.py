"""Decisions bind every later run: re-runs, other models, clients that go and come back."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linkage_rules.bundle import shipped_bundle
from pipelines.cli import main
from pipelines.lake import Lake
from pipelines.link import link
from pipelines.link.decision_store import CODES, decision, in_force, record, recorded, store_folder
from pipelines.link.ties import decisions_sha256
from pipelines.review import Said, contradictions, decide, dormant
from tests.linkage.test_linking import PEOPLE, lake_of, persons

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return lake_of(tmp_path / "lake", PEOPLE)


def countylink(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


def say(lake: Lake, one: str, other: str, code: str) -> Result:
    words = ("decide", "pair", "--lake", lake.root, one, other, "--as", code, "--by", "ada", "--reason", "the file")
    return countylink(*words)


def test_a_decision_is_recorded_with_the_evidence_there_was_and_no_name(lake) -> None:
    ended = say(lake, "sheriff:4", "health:5", "different")
    assert (ended.exit_code, ended.output) == (0, "recorded as decision batch 1; it takes effect with the next run\n")
    (one,) = recorded(lake)
    assert one.clients == (("health", "5"), ("sheriff", "4"))
    assert one.evidence["match_weight"] > 10
    assert one.evidence["match_key"] == "same_ssn"
    assert one.evidence["bundle_version"] == shipped_bundle().version
    assert not any(name in str(one).upper() for name in ("OKONKWO", "BENEDICT", "528914411", "19610322"))


def test_the_next_run_keeps_to_it_and_so_does_every_later_one(lake) -> None:
    say(lake, "sheriff:4", "health:5", "different")
    say(lake, "sheriff:4", "hmis:6", "same")
    for _ in range(2):
        report = link(lake, shipped_bundle())
        assert persons(lake) == {frozenset("123"), frozenset("46"), frozenset("5")}
        assert (report.must_links, report.cannot_links, report.decisions_set_aside, report.decisions_dormant) == (
            1,
            1,
            0,
            0,
        )


def test_unsure_gives_the_pair_back_to_the_model(lake) -> None:
    say(lake, "sheriff:4", "health:5", "different")
    say(lake, "health:5", "sheriff:4", "unsure")
    link(lake, shipped_bundle())
    assert frozenset("45") in persons(lake)


def test_a_decision_sleeps_while_its_client_is_gone_and_wakes_when_it_is_back(lake, tmp_path) -> None:
    say(lake, "sheriff:4", "health:5", "different")
    everyone = {name: lake.path("standard", name).read_bytes() for name in ("identities", "clients")}
    fewer = lake_of(tmp_path / "fewer", PEOPLE[:4])
    for name in everyone:
        lake.path("standard", name).write_bytes(fewer.path("standard", name).read_bytes())
    assert link(lake, shipped_bundle()).decisions_dormant == 1
    assert [one.decision_code for one in dormant(lake)] == ["different"]
    assert "dormant" in countylink("decide", "list", "--lake", lake.root).output
    for name, content in everyone.items():
        lake.path("standard", name).write_bytes(content)
    assert link(lake, shipped_bundle()).decisions_dormant == 0
    assert {frozenset("4"), frozenset("5")} <= persons(lake)


def test_a_chain_that_contradicts_is_reported_counted_and_not_applied(lake) -> None:
    say(lake, "sheriff:4", "hmis:6", "same")
    say(lake, "hmis:6", "hmis:3", "same")
    warned = say(lake, "sheriff:4", "hmis:3", "different")
    assert "contradict" in warned.output
    ended = countylink("decide", "conflicts", "--lake", lake.root, "--json")
    assert ended.exit_code == 1
    (found,) = json.loads(ended.output)
    assert (found["different"]["client_id_l"], found["different"]["client_id_r"]) == ("3", "4")
    assert {(one["client_id_l"], one["client_id_r"]) for one in found["same"]} == {("6", "4"), ("3", "6")}
    assert {one["decided_by"] for one in found["same"]} == {"ada"}
    report = link(lake, shipped_bundle())
    assert (report.must_links, report.cannot_links, report.decisions_set_aside) == (0, 1, 2)
    assert frozenset("6") in persons(lake)


def test_no_conflict_is_exit_code_0(lake) -> None:
    say(lake, "sheriff:4", "hmis:6", "same")
    ended = countylink("decide", "conflicts", "--lake", lake.root)
    assert (ended.exit_code, ended.output) == (0, "no decision contradicts another\n")
    assert contradictions(lake) == []


def test_a_client_that_nobody_knows_is_refused_and_nothing_is_recorded(lake) -> None:
    ended = say(lake, "sheriff:4", "health:404", "same")
    assert ended.exit_code == 1
    assert "health:404" in ended.output
    assert recorded(lake) == []


def test_a_client_is_written_with_its_agency(lake) -> None:
    assert say(lake, "sheriff", "health:5", "same").exit_code == 2


def test_many_decisions_come_from_a_file(lake, tmp_path) -> None:
    file = tmp_path / "said.csv"
    file.write_text(
        "agency_l,client_id_l,agency_r,client_id_r,decision_code,decided_by,reason\n"
        "sheriff,4,health,5,different,ada,two files\nsheriff,4,hmis,6,same,ben,one photograph\n"
    )
    ended = countylink("decide", "import", "--lake", lake.root, file)
    assert ended.exit_code == 0, ended.output
    listed = json.loads(countylink("decide", "list", "--lake", lake.root, "--json").output)
    assert [(one["decision_code"], one["decided_by"], one["number"]) for one in listed] == [
        ("different", "ada", 1),
        ("same", "ben", 1),
    ]


def test_a_file_with_one_bad_row_records_nothing(lake, tmp_path) -> None:
    file = tmp_path / "said.csv"
    head = "agency_l,client_id_l,agency_r,client_id_r,decision_code\n"
    file.write_text(head + "sheriff,4,health,5,same\nsheriff,4,hmis,6,yes\n")
    ended = countylink("decide", "import", "--lake", lake.root, file, "--by", "ada", "--reason", "batch")
    assert ended.exit_code == 1
    assert "row 2" in ended.output
    assert recorded(lake) == []


def test_a_decision_cannot_be_made_tomorrow(lake) -> None:
    from pipelines.errors import LakeError

    late = Said(("sheriff", "4"), ("health", "5"), "same", "ada", "seen", datetime(2026, 11, 22, tzinfo=UTC))
    with pytest.raises(LakeError, match="future"):
        decide(lake, shipped_bundle(), [late], NOON)


def test_the_fingerprint_moves_with_what_the_clusters_rest_on_and_with_nothing_else(lake) -> None:
    link(lake, shipped_bundle())
    nothing = decisions_sha256(lake)
    say(lake, "sheriff:4", "health:5", "different")
    assert decisions_sha256(lake) == nothing, "no run has taken it yet"
    link(lake, shipped_bundle())
    something = decisions_sha256(lake)
    assert something != nothing
    record(lake, in_force(recorded(lake)))
    link(lake, shipped_bundle())
    assert decisions_sha256(lake) == something, "the same said again changes nothing"


CLIENTS = {"1": "sheriff", "2": "health", "3": "hmis", "4": "sheriff", "5": "health", "6": "hmis"}

SAID = st.lists(
    st.tuples(st.lists(st.sampled_from(sorted(CLIENTS)), min_size=2, max_size=2, unique=True), st.sampled_from(CODES)),
    min_size=1,
    max_size=7,
)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(SAID)
def test_no_forbidden_pair_is_one_person_and_every_same_pair_is_unless_it_is_reported(lake, said) -> None:
    shutil.rmtree(store_folder(lake), ignore_errors=True)
    for (one, other), code in said:
        record(lake, [decision((CLIENTS[one], one), (CLIENTS[other], other), code, "ada", NOON, "seen")])
    report = link(lake, shipped_bundle())
    person = {client: number for number, group in enumerate(persons(lake)) for client in group}
    reported = {one.clients for found in contradictions(lake) for one in found.set_aside}
    for one in in_force(recorded(lake)):
        is_together = person[one.client_id_l] == person[one.client_id_r]
        if one.decision_code == "different":
            assert not is_together
        if one.decision_code == "same":
            assert is_together or one.clients in reported
    assert report.decisions_set_aside == len(reported)
