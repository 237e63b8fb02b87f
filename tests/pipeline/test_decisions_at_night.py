"""What a reviewer says holds on every later night, with new deliveries or another model; the ledger says why."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from linkage_rules.bundle import shipped_bundle
from pipelines import link
from pipelines.cli import main
from pipelines.publish.verify import read_manifest
from pipelines.review_app.changes import index_changes, released_changes
from tests.pipeline.counties import NIGHTS, Place

PAIR = """
    select min(agency || ':' || client_id), max(agency || ':' || client_id)
    from person_index.person_of_client inner join standard.clients using (client_key, agency, client_id)
    where is_linkable
    group by person_id having count(*) = 2
    order by person_id limit 1
"""

PERSONS = """
    select count(distinct person_id) from person_index.person_of_client where agency || ':' || client_id in ({clients})
"""


def say(place: Place, one: str, other: str, code: str) -> None:
    words = ["decide", "pair", "--lake", str(place.lake.root), one, other, "--as", code, "--by", "ada", "--reason", "x"]
    ended = CliRunner().invoke(main, words)
    assert ended.exit_code == 0, ended.output


def persons_of(place: Place, *clients: str) -> int:
    ((count,),) = place.query(PERSONS.format(clients=", ".join(f"'{client}'" for client in clients)))
    return count


@pytest.fixture(scope="module")
def parted(nightly: Place, tmp_path_factory: pytest.TempPathFactory) -> tuple[Place, str, str]:
    """Two clients who were one person, said to be different, after the next run."""
    place = nightly.copy(tmp_path_factory.mktemp("decided") / "copy")
    ((one, other),) = place.query(PAIR)
    assert persons_of(place, one, other) == 1
    say(place, one, other, "different")
    before = place.latest
    summary = place.run()
    assert (summary.status, summary.exit_code) == ("published", 0)
    assert place.latest != before
    return place, one, other


def test_the_next_night_parts_them_and_the_ledger_says_why(parted) -> None:
    place, one, other = parted
    assert persons_of(place, one, other) == 2
    newest = (
        "select distinct cause from person_index.ledger where version_number = (select max(version_number) from {0})"
    )
    assert place.query(newest.format("person_index.ledger")) == [("decisions",)]


def test_a_release_says_that_it_rests_on_decisions_but_not_on_which(parted, nightly) -> None:
    place, one, other = parted
    with_one, without = (read_manifest(folder)["inputs"]["decisions_id"] for folder in (place.latest, nightly.latest))
    assert with_one != without
    text = json.dumps(read_manifest(place.latest))
    assert not any(client.partition(":")[2] in text for client in (one, other))


def test_the_review_app_tells_what_moved_because_of_it_alone(parted) -> None:
    place, _, _ = parted
    (night,) = index_changes(place.lake)
    assert (night["cause"], night["merged"], night["split"], night["clients_moved"]) == ("decisions", 0, 1, 1)
    released = released_changes(place.lake)
    assert released is not None
    assert (released.is_alone, released.others) == (True, ())
    assert released.difference.after == place.latest.name
    assert released.difference.measures or released.difference.tables


def test_a_night_without_a_new_decision_publishes_nothing_new(parted) -> None:
    place, _, _ = parted
    assert place.run().status == "nothing_new"


def test_it_holds_when_everything_is_delivered_again_and_more(parted, county, tmp_path: Path) -> None:
    place, one, other = parted
    later = place.copy(tmp_path / "later").deliver(county, NIGHTS[2:3])
    assert later.run().status == "published"
    assert persons_of(later, one, other) == 2


@pytest.mark.parametrize("loose_weight", [-5.0, 6.0])
def test_it_holds_under_another_model(parted, tmp_path: Path, loose_weight: float) -> None:
    place, one, other = parted
    copy = place.copy(tmp_path / "copy")
    shipped = shipped_bundle()
    thresholds = replace(shipped.thresholds, loose_weight=loose_weight, cut_weight=loose_weight)
    report = link.link(copy.lake, replace(shipped, version="another", thresholds=thresholds))
    assert (report.cannot_links, report.decisions_set_aside, report.decisions_dormant) == (1, 0, 0)
    clients = ", ".join(f"'{client}'" for client in (one, other))
    ((clusters,),) = copy.query(
        "select count(distinct cluster_id) from linked.clusters inner join standard.clients using (client_key) "
        f"where agency || ':' || client_id in ({clients})"
    )
    assert clusters == 2


def test_taking_it_back_lets_the_model_decide_again_and_the_release_before_is_the_latest_again(
    parted, nightly, tmp_path: Path
) -> None:
    place, one, other = parted
    copy = place.copy(tmp_path / "copy")
    say(copy, one, other, "unsure")
    assert copy.run().exit_code == 0
    assert persons_of(copy, one, other) == 1
    assert copy.latest.name == nightly.latest.name, "the same inputs are the same release"
