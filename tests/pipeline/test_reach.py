"""A component that no measure could tell apart is left alone, and every number comes out as if it had not been."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from pipelines import sql
from pipelines.episodes.build import EPISODES, MEMBERS
from pipelines.episodes.build import PACKAGE as EPISODES_PACKAGE
from pipelines.link.graph import Flags, Numbers
from pipelines.outcomes import load_measures
from pipelines.outcomes.definitions import PACKAGE, Measure
from pipelines.outcomes.measure import SHARED
from pipelines.uncertainty import measure_uncertainty
from pipelines.uncertainty.reach import READINGS, Reach, Reading
from pipelines.uncertainty.rules import Rules
from pipelines.uncertainty.worlds import EVENTS
from schemas.uncertainty import UNCERTAINTY_TABLES
from tests.pipeline.counties import Place

OF_SHARED = {"episode_costs", "returns_after_release", *SHARED}


def tables_read(package: str, name: str) -> set[str]:
    """Tables of events below a `.sql` file, through every table that is made of them."""
    lines = sql.text(package, name).splitlines()
    code = "\n".join(line.partition("--")[0] for line in lines)
    found: set[str] = set()
    for zone, table in re.findall(r"\b(standard|members|episodes|shared|outcomes)\.(\w+)", code):
        if zone == "standard":
            found.add(table)
        elif zone in ("members", "episodes"):
            assert table in MEMBERS + EPISODES
            found |= tables_read(EPISODES_PACKAGE, table)
        else:
            assert table in OF_SHARED
            found |= tables_read(PACKAGE, table)
    return found


def reading_of(measure: Measure) -> Reading:
    read = tables_read(PACKAGE, measure.sql) & EVENTS.keys()
    covering = [each for each in READINGS if read <= set(each.all)]
    assert covering, f"{measure.id} reads {sorted(read)}: no reading has them all"
    return min(covering, key=lambda each: len(each.all))


def test_every_measure_reads_the_events_of_one_reading() -> None:
    assert {reading_of(each) for each in load_measures()} == set(READINGS)


def test_no_measure_reads_of_all_clients_of_a_person_anything_but_whether_one_can_be_linked() -> None:
    for name in {each.sql for each in load_measures()}:
        assert not re.search(r"\b(client_count|agencies|unknown_client_list)\b", sql.text(PACKAGE, name)), name
        assert tables_read(PACKAGE, name) <= EVENTS.keys() | {"clients", "data_through"}, name


def test_whoever_has_a_row_has_an_event_that_makes_it(at_once: Place) -> None:
    for measure in load_measures():
        having = " union ".join(f"select client_key from standard.{name}" for name in reading_of(measure).rows_of)
        assert at_once.query(
            f"select count(*) from outcomes.person_measures where measure_id = '{measure.id}' and person_id not in ("
            f"select person_id from person_index.person_of_client where client_key in ({having}))"
        ) == [(0,)]


@pytest.mark.parametrize("seed", range(4))
def test_numbers_are_those_of_cutting_every_component(
    at_once: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    rules = Rules(strict_bits=25 - 5 * seed, loose_bits=-10, draws=6, seed=seed, settled_weight=40)
    lake = at_once.copy(tmp_path / "place").lake
    few = measure_uncertainty(lake, rules=rules)
    written = [lake.path("outcomes", table).read_bytes() for table in UNCERTAINTY_TABLES]

    def all_differ(_: Reach, labels: Numbers) -> Flags:
        return np.ones(len(labels), dtype=bool)

    monkeypatch.setattr(Reach, "can_differ", all_differ)
    every = measure_uncertainty(lake, rules=rules)
    assert [lake.path("outcomes", table).read_bytes() for table in UNCERTAINTY_TABLES] == written
    assert 0 < few.placed_clients < every.placed_clients
    assert few.touched_cells == every.touched_cells > 0
