"""The rules as settings for Splink: ladders and blocking keys, untrained, or trained and fitted to a population."""

from __future__ import annotations

import copy
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from linkage_rules.blocking import BlockingRule
from linkage_rules.comparisons import LADDERS, RAREST, RAREST_OTHERWISE, Ladder, Level

Settings = dict[str, Any]

LEAST_POPULATION = 1_024
"""A table of six records is an excerpt of a county, not a county of six: with the prior of six, one birth date made one
person of two names."""


def untrained_settings(ladders: Sequence[Ladder]) -> Settings:
    """Settings with every level of these ladders and no weight but the stated ones."""
    return {
        "link_type": "dedupe_only",
        "unique_id_column_name": "identity_id",
        "comparisons": [splink_comparison(ladder) for ladder in ladders],
        "blocking_rules_to_generate_predictions": [],
        "retain_matching_columns": False,
        "retain_intermediate_calculation_columns": False,
        "additional_columns_to_retain": ["client_key"],
    }


def splink_comparison(ladder: Ladder) -> dict[str, Any]:
    """A ladder as Splink's own description of a comparison."""
    return {
        "output_column_name": ladder.name,
        "comparison_description": ladder.name,
        "comparison_levels": [_splink_level(level) for level in ladder.levels],
    }


def _splink_level(level: Level) -> dict[str, Any]:
    described: dict[str, Any] = {"sql_condition": level.sql, "label_for_charts": level.label}
    if level.is_null:
        described["is_null_level"] = True
    if level.term_frequency_of:
        described["tf_adjustment_column"] = level.term_frequency_of
        described["tf_minimum_u_value"] = RAREST.get(level.term_frequency_of, RAREST_OTHERWISE)
    if level.fixed_u is not None:
        described |= {"u_probability": level.fixed_u, "fix_u_probability": True}
    return described


def with_blocking(settings: Settings, rules: Iterable[BlockingRule]) -> Settings:
    """The same model on the pairs that these rules meet; a client is never paired with itself."""
    return settings | {"blocking_rules_to_generate_predictions": [block_on(rule.column) for rule in rules]}


def block_on(column: str) -> str:
    """Pairs of different clients that hold the same value in a column."""
    return f"l.{column} = r.{column} and l.client_key <> r.client_key"


def fitted_to_population(settings: Settings, doublings: int) -> Settings:
    """The model for a county of 2^doublings times as many identities as it was trained on.

    With twice the people a random pair is half as likely to be one person, and half as likely to share a home:
    the prior and the chance agreement of homes are halved; how often names or birth dates agree
    stays. Whole doublings, so that scores do not move from night to night.
    """
    fitted = copy.deepcopy(settings)
    fitted["probability_two_random_records_match"] *= 2.0**-doublings
    shrinking = {(ladder.name, level.label) for ladder in LADDERS for level in ladder.levels if level.thins_out}
    for comparison in fitted["comparisons"]:
        for level in comparison["comparison_levels"]:
            if (comparison["output_column_name"], level["label_for_charts"]) in shrinking:
                level["u_probability"] = min(0.5, level["u_probability"] * 2.0**-doublings)
    return fitted


def doublings_between(trained_on: int, population: int) -> int:
    """How many times the population is twice the one trained on, to the nearest whole number."""
    least = min(LEAST_POPULATION, max(trained_on, 2))
    return round(math.log2(max(population, least) / max(trained_on, 2)))


def term_frequency_columns(settings: Mapping[str, Any]) -> tuple[str, ...]:
    """Columns whose rare values count for more, sorted."""
    return tuple(
        sorted(
            {
                level["tf_adjustment_column"]
                for comparison in settings["comparisons"]
                for level in comparison["comparison_levels"]
                if level.get("tf_adjustment_column")
            }
        )
    )


def untrained_levels(settings: Mapping[str, Any]) -> tuple[str, ...]:
    """Levels without both probabilities, as `comparison: level`."""
    return tuple(
        f"{comparison['output_column_name']}: {level.get('label_for_charts', '?')}"
        for comparison in settings["comparisons"]
        for level in comparison["comparison_levels"]
        if not level.get("is_null_level") and not _is_trained(level)
    )


def _is_trained(level: Mapping[str, Any]) -> bool:
    return all(
        isinstance(level.get(name), float) and 0.0 < level[name] < 1.0 for name in ("m_probability", "u_probability")
    )
