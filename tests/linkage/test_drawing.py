"""Draws that are kept from one night to the next."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pipelines.kept_results import KeptResults
from pipelines.link.graph import Numbers, Pairs
from pipelines.uncertainty import partitions
from pipelines.uncertainty.drawing import all_drawn
from pipelines.uncertainty.partitions import Linkage, drawn
from pipelines.uncertainty.rules import Rules, load_rules
from tests.linkage.test_partitions import linkage

RULES = replace(load_rules(), draws=6)

TRIANGLE = ((0, 1, 4.0), (1, 2, 3.2), (0, 2, -1.0))
PAIR = (3, 4, 3.5)
COUNTY = linkage(*TRIANGLE, PAIR, clients=5)


def later(key: int, known: Linkage) -> Linkage:
    """The county after a client with this key came, who looks like the last one: keys are in order, so places move."""
    keys = np.sort(np.append(known.keys, key))
    moved = np.searchsorted(keys, known.keys)
    new, last = int(np.searchsorted(keys, key)), int(np.searchsorted(keys, known.keys[-1]))
    left, right = min(new, last), max(new, last)
    pairs = Pairs(
        np.append(moved[known.pairs.left], left),
        np.append(moved[known.pairs.right], right),
        np.append(known.pairs.weight, 3.1),
        np.append(known.pairs.forbidden, False),
    )
    links = pairs.where(np.asarray(pairs.weight >= known.thresholds.loose_weight))
    return replace(known, keys=keys, links=links, pairs=pairs)


def test_a_night_draws_what_it_would_draw_from_nothing(tmp_path: Path) -> None:
    first = KeptResults(tmp_path / "draws.parquet")
    assert all_drawn(COUNTY, 0.0, RULES, first).tolist() == [one.tolist() for one in drawn(COUNTY, 0.0, RULES)]
    first.keep()
    tonight = later(5, COUNTY)
    found = all_drawn(tonight, 0.0, RULES, KeptResults(tmp_path / "draws.parquet"))
    assert found.tolist() == all_drawn(tonight, 0.0, RULES, KeptResults(tmp_path / "none.parquet")).tolist()
    assert found.tolist() == [one.tolist() for one in drawn(tonight, 0.0, RULES)]


def test_only_components_that_changed_are_drawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = KeptResults(tmp_path / "draws.parquet")
    all_drawn(COUNTY, 0.0, RULES, first)
    first.keep()
    sizes = []

    def counted(near: Linkage, shift: float, rules: Rules, labels: Numbers) -> Iterator[Numbers]:
        sizes.append(len(near.keys))
        return drawn(near, shift, rules, labels)

    monkeypatch.setattr(partitions, "drawn", counted)
    all_drawn(COUNTY, 0.0, RULES, KeptResults(tmp_path / "draws.parquet"))
    assert sizes == []
    all_drawn(later(5, COUNTY), 0.0, RULES, KeptResults(tmp_path / "draws.parquet"))
    assert sizes == [3]  # the pair, and who joined it


@pytest.mark.parametrize(
    ("other", "shift", "rules"),
    [
        (replace(COUNTY, must=np.array([[0, 1]])), 0.0, RULES),
        (replace(COUNTY, pairs=replace(COUNTY.pairs, forbidden=np.array([True, False, False, False]))), 0.0, RULES),
        (linkage((0, 1, 4.1), *TRIANGLE[1:], PAIR, clients=5), 0.0, RULES),
        (COUNTY, 0.5, RULES),
        (COUNTY, 0.0, replace(RULES, seed=1)),
        (replace(COUNTY, thresholds=replace(COUNTY.thresholds, cut_weight=9.0)), 0.0, RULES),
    ],
)
def test_whatever_a_draw_rests_on_draws_anew(tmp_path: Path, other: Linkage, shift: float, rules: Rules) -> None:
    kept = KeptResults(tmp_path / "draws.parquet")
    all_drawn(COUNTY, 0.0, RULES, kept)
    assert all_drawn(other, shift, rules, kept).tolist() == [one.tolist() for one in drawn(other, shift, rules)]


def test_nobody_in_doubt_is_no_draw(tmp_path: Path) -> None:
    nobody = COUNTY.among(np.zeros(5, dtype=bool))
    assert all_drawn(nobody, 0.0, RULES, KeptResults(tmp_path / "draws.parquet")).shape == (6, 0)
