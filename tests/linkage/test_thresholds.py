"""Where scores become decisions, and how that depends on the size of the table."""

from __future__ import annotations

import pytest

from linkage_rules.thresholds import SMALL_TABLE, Thresholds, fitted_to_population, from_mapping

STATED = Thresholds(
    loose_weight=3.0,
    cut_weight=-2.0,
    weight_clip=20.0,
    weight_floor=-8.0,
    doubtful_weight=4.0,
    max_component=200,
    component_step=3.0,
    max_cluster=60,
)


@pytest.mark.parametrize("identities", [0, 5_000, SMALL_TABLE])
def test_a_small_table_is_linked_at_the_stated_thresholds(identities: int) -> None:
    assert fitted_to_population(STATED, identities) == STATED


@pytest.mark.parametrize(("doublings", "weight"), [(1, 2.5), (2, 2.0), (5, 0.5), (6, 0.0)])
def test_the_loose_weight_falls_by_half_a_bit_a_doubling(doublings: int, weight: float) -> None:
    assert fitted_to_population(STATED, SMALL_TABLE << doublings).loose_weight == weight


def test_the_loose_weight_falls_no_further_than_an_even_chance() -> None:
    assert fitted_to_population(STATED, SMALL_TABLE << 12).loose_weight == 0.0


def test_a_loose_weight_below_an_even_chance_stays_as_stated() -> None:
    below = Thresholds(**{**vars(STATED), "loose_weight": -1.0})
    assert fitted_to_population(below, SMALL_TABLE << 3).loose_weight == -1.0


def test_a_night_of_a_few_more_identities_moves_nothing() -> None:
    assert fitted_to_population(STATED, 1_000_000) == fitted_to_population(STATED, 1_010_000)


def test_only_the_loose_weight_depends_on_the_size_of_the_table() -> None:
    fitted = vars(fitted_to_population(STATED, SMALL_TABLE << 5))
    assert {name for name in fitted if fitted[name] != vars(STATED)[name]} == {"loose_weight"}


def test_a_weight_written_without_a_fraction_is_still_no_whole_number() -> None:
    stated = from_mapping({**vars(STATED), "weight_clip": 20, "cut_weight": -2})
    assert isinstance(stated.weight_clip, float) and isinstance(stated.cut_weight, float)
    assert isinstance(stated.max_cluster, int)
