"""Why: the steps add up to the weight that the run stored, and no name is told unless it was asked for."""

from __future__ import annotations

import json
from datetime import date
from itertools import combinations
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner, Result

from linkage_rules.bundle import shipped_bundle
from pipelines import person_index, sql
from pipelines.cli import main
from pipelines.lake import Lake
from pipelines.link import link
from pipelines.link.candidates import make_candidates
from pipelines.review import explain_pair, explain_person
from tests.linkage.test_linking import PEOPLE, lake_of

NAMES = ("QUISTG", "ANNIE", "OKONKWO", "BENEDICT", "139476997", "528914411", "19801205", "19610322")
CLIENTS = {"1": "sheriff", "2": "health", "3": "hmis", "4": "sheriff", "5": "health", "6": "hmis"}


def night(lake: Lake, day: int) -> None:
    link(lake, shipped_bundle())
    person_index.update(lake, date(2026, 11, day), {"decisions": str(day)})


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    lake = lake_of(tmp_path_factory.mktemp("explained") / "lake", PEOPLE)
    night(lake, 1)
    return lake


def countylink(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


def client(number: str) -> tuple[str, str]:
    return CLIENTS[number], number


def person_of(lake: Lake, number: str) -> int:
    persons = pl.read_parquet(lake.path("person_index", "person_of_client"))
    return int(persons.filter(pl.col("client_id") == number)["person_id"].item())


def test_the_steps_add_up_to_the_stored_weight_of_a_link(lake) -> None:
    for one, other in combinations("123", 2):
        found = explain_pair(lake, shipped_bundle(), client(one), client(other))
        steps = found.waterfall
        assert steps is not None
        total = steps.prior + sum(step.weight + step.rarity_weight for step in steps.steps)
        assert total == pytest.approx(steps.match_weight, abs=1e-9)
        assert steps.match_weight == found.stored_weight


def test_each_step_names_the_level_the_pair_stands_on(lake) -> None:
    found = explain_pair(lake, shipped_bundle(), client("1"), client("2"))
    assert found.waterfall is not None
    levels = {step.ladder: step.level for step in found.waterfall.steps}
    assert levels["surname_and_home"] == "surname spelt nearly alike"
    assert levels["first_name"] == "same"
    assert levels["birth_date"] == "same"
    assert levels["ssn"] == "unknown"
    rarity = {step.ladder: step.rarity_weight for step in found.waterfall.steps}
    assert rarity["first_name"] != 0


def test_every_rule_that_met_a_pair_is_told_not_only_the_first(lake) -> None:
    found = explain_pair(lake, shipped_bundle(), client("4"), client("5"))
    connection = sql.connect(lake.spill)
    sql.open_views(connection, lake, [("standard", "identities")])
    rules = make_candidates(connection)
    assert found.identity_ids is not None
    keys = ", ".join(rule.column for rule in rules)
    left, right = connection.execute(
        f"select {keys} from linkage.candidates where list_contains($ids, identity_id)", {"ids": found.identity_ids}
    ).fetchall()
    met = [rule.name for rule, one, other in zip(rules, left, right, strict=True) if one is not None and one == other]
    assert list(found.rules) == met
    assert {"same_ssn", "same_last_four_and_birth_year", "same_names_either_way_round"} <= set(met)


def test_a_pair_that_no_rule_met_is_scored_because_it_was_asked_for(lake) -> None:
    found = explain_pair(lake, shipped_bundle(), client("1"), client("5"))
    assert found.rules == ()
    assert found.stored_weight is None
    assert found.waterfall is not None and found.waterfall.match_weight < 0
    told = countylink("explain", "pair", "--lake", lake.root, "sheriff:1", "health:5").output
    assert "no rule" in told and "stored no weight" in told


def test_two_clients_with_nothing_to_compare_can_be_explained_and_decided_on(tmp_path) -> None:
    jane = {"source": "hmis", "first_name": "Jane", "last_name": "Doe", "dob": "1980-12-05"}
    hidden = lake_of(tmp_path / "lake", [*PEOPLE, jane | {"source_record_id": "7"}])
    night(hidden, 1)
    ended = countylink("explain", "pair", "--lake", hidden.root, "hmis:6", "hmis:7")
    assert (ended.exit_code, "nothing to compare" in ended.output) == (0, True)
    words = ("decide", "pair", "--lake", hidden.root, "hmis:6", "hmis:7", "--as", "same", "--by", "ada")
    assert countylink(*words, "--reason", "one photograph").exit_code == 0
    night(hidden, 2)
    assert person_of(hidden, "6") == person_of(hidden, "7")


def test_a_client_with_nothing_to_compare_is_said_to_be_so(lake) -> None:
    ended = countylink("explain", "pair", "--lake", lake.root, "sheriff:1", "hmis:6")
    assert ended.exit_code == 0
    assert "nothing to compare" in ended.output


@pytest.mark.parametrize("form", [(), ("--json",)])
def test_names_are_told_only_where_values_were_asked_for(lake, form) -> None:
    pair = ("explain", "pair", "--lake", lake.root, "sheriff:1", "health:2", *form)
    person = ("explain", "person", "--lake", lake.root, person_of(lake, "1"), *form)
    for words in (pair, person):
        plain, shown = countylink(*words), countylink(*words, "--show-values")
        assert (plain.exit_code, shown.exit_code) == (0, 0)
        assert not any(name in plain.output.upper() for name in NAMES)
        assert "QUISTGAARD" in shown.output and "139476997" in shown.output


def test_a_pair_as_json_is_the_whole_waterfall(lake) -> None:
    told = json.loads(countylink("explain", "pair", "--lake", lake.root, "sheriff:1", "health:2", "--json").output)
    assert told["person_ids"] == [person_of(lake, "1")] * 2
    assert {step["ladder"] for step in told["waterfall"]["steps"]} >= {"ssn", "birth_date", "surname_and_home"}
    assert told["events"][0]["event_code"] == "created"


def test_a_client_that_is_not_known_and_a_person_that_never_was_are_errors(lake) -> None:
    pair = countylink("explain", "pair", "--lake", lake.root, "sheriff:1", "health:404")
    person = countylink("explain", "person", "--lake", lake.root, 404)
    assert (pair.exit_code, person.exit_code) == (1, 1)
    assert "health:404 is not known" in pair.output
    assert "no person 404" in person.output


def test_a_lake_without_a_run_says_what_to_do(tmp_path: Path) -> None:
    ended = countylink("explain", "person", "--lake", tmp_path, 1)
    assert ended.exit_code == 1
    assert "run the nightly job first" in ended.output


def test_a_person_is_its_clients_their_weights_its_decisions_and_its_history(lake, tmp_path) -> None:
    apart = lake_of(tmp_path / "lake", PEOPLE)
    words = ("decide", "pair", "--lake", apart.root, "sheriff:4", "health:5", "--by", "ada", "--reason", "photographs")
    assert countylink(*words, "--as", "different").exit_code == 0
    night(apart, 1)
    former = {person_of(apart, "4"), person_of(apart, "5")}
    assert len(former) == 2
    assert countylink(*words, "--as", "unsure").exit_code == 0
    night(apart, 2)
    (gone,) = former - {person_of(apart, "4")}
    found = explain_person(apart, gone)
    assert found.person_id == person_of(apart, "4") != gone
    assert found.merged_ids == (gone,)
    assert set(found.clients) == {client("4"), client("5")}
    assert [pair["match_key"] for pair in found.pairs] == ["same_ssn"]
    assert [said.decision_code for said in found.decisions] == ["different", "unsure"]
    assert [event["event_code"] for event in found.events if event["as_of_on"] == date(2026, 11, 2)] == [
        "merged",
        "client_left",
        "client_joined",
    ]
    told = countylink("explain", "person", "--lake", apart.root, gone).output
    assert f"person {gone} was merged" in told
    assert "photographs" in told
