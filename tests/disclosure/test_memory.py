"""What was told before is read without what is said twice, and nothing is lost by that."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pyarrow as pa

from pipelines.lake import Lake
from pipelines.publish.disclosure.blocks import unchanged_rows
from pipelines.publish.disclosure.history import EarlierRelease, Rows
from pipelines.publish.disclosure.memory import earlier_releases, remember
from pipelines.publish.disclosure.model import load_model
from tests.disclosure.rows import nights, result

TABLE = "measure_results"


def quarters(first: int, second: int) -> Rows:
    return [result(period=period, n=n, numerator=0.0) for period, n in (("2025Q1", first), ("2025Q2", second))]


def remembered(lake: Lake, releases: list[EarlierRelease]) -> None:
    for number, one in enumerate(releases):
        true, told = ({TABLE: pa.Table.from_pylist(rows[TABLE])} for rows in (one.true, one.told))
        assert one.said is not None
        remember(lake, one.release_id, one.as_of, releases[:number], true, told, load_model(), one.said)


def read(lake: Lake, release_id: str = "new", **more: frozenset[str]) -> dict[str, list[int]]:
    """The counts that are held against a release, by the release that they are of."""
    found = earlier_releases(lake, release_id, load_model(), **more)
    return {one.release_id: [row["n"] for row in one.true[TABLE]] for one in found}


def test_of_older_releases_only_the_quarters_are_read_that_were_told_anew(tmp_path: Path) -> None:
    remembered(Lake(tmp_path), nights(quarters(40, 60), quarters(40, 90), quarters(40, 120)))
    assert read(Lake(tmp_path)) == {"r1": [40, 60], "r2": [90], "r3": [40, 120]}


def test_what_is_held_against_a_quarter_is_what_was_told_anew_of_it(tmp_path: Path) -> None:
    remembered(Lake(tmp_path), nights(quarters(40, 60), quarters(40, 90), quarters(40, 120)))
    found = earlier_releases(Lake(tmp_path), "new", load_model())
    units = [frozenset([("measure_results", "jail_returns", quarter)]) for quarter in ("2025Q1", "2025Q2")]
    against = [[len(one.rows_against(load_model(), TABLE, unit)) for one in found] for unit in units]
    assert against == [[1, 0, 0], [1, 1, 1]]


def test_a_whole_time_ties_its_quarters_together(tmp_path: Path) -> None:
    whole = [[result(n=a + b, numerator=0.0), *quarters(a, b)] for a, b in ((40, 60), (40, 90))]
    remembered(Lake(tmp_path), nights(*whole))
    assert read(Lake(tmp_path)) == {"r1": [100, 40, 60], "r2": [130, 40, 90]}


def test_a_withdrawn_release_is_not_held_against_anybody(tmp_path: Path) -> None:
    remembered(Lake(tmp_path), nights(quarters(40, 60), quarters(40, 90)))
    assert read(Lake(tmp_path), left_out=frozenset({"r2"})) == {"r1": [40, 60]}


def test_a_release_made_again_is_held_against_those_that_stood_then(tmp_path: Path) -> None:
    remembered(Lake(tmp_path), nights(quarters(40, 60), quarters(40, 90), quarters(40, 120)))
    assert read(Lake(tmp_path), "r2") == {"r1": [40, 60]}
    assert read(Lake(tmp_path), "r1") == {}


def test_what_is_remembered_is_written_once(tmp_path: Path) -> None:
    (first,) = nights(quarters(40, 60))
    for _ in range(2):
        remembered(Lake(tmp_path), [first])
    (folder,) = (tmp_path / "disclosure").iterdir()
    assert (folder.name, first.as_of) == ("000001_r1", date(2026, 11, 1))


def test_a_quarter_in_which_nobody_came_or_went_brings_nothing_new() -> None:
    table = load_model().tables["measure_results"]
    now, then = quarters(40, 25), quarters(40, 24)
    assert unchanged_rows(table, now, then) == {0: 0}
    assert unchanged_rows(table, now[::-1], now) == {0: 1, 1: 0}


def test_a_whole_time_that_changed_brings_its_quarters_along() -> None:
    table = load_model().tables["measure_results"]
    now, then = ([*quarters(40, 25), result(n, period=None)] for n in (65, 64))
    assert unchanged_rows(table, now, then) == {}
