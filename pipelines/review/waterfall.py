"""From the prior to the match weight of two identities, ladder by ladder; every bit is Splink's own."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from linkage_rules.settings import block_on
from pipelines.link.on_demand import Scene
from pipelines.link.scoring import make_linker, register_term_frequencies, unquoted_errors

TELLING = {"retain_intermediate_calculation_columns": True, "retain_matching_columns": True}


@dataclass(frozen=True)
class Step:
    """One ladder: the level the pair stands on, its weight, and what the rarity of the value adds; both in bits."""

    ladder: str
    level: str
    weight: float
    rarity_weight: float


@dataclass(frozen=True)
class Waterfall:
    """prior + all weights + all rarity weights = match_weight, in bits."""

    prior: float
    steps: tuple[Step, ...]
    match_weight: float


def waterfall(scene: Scene, identity_one: int, identity_other: int) -> Waterfall:
    """The steps of one pair of identities that the scene holds."""
    scene.connection.execute(
        "create or replace table linkage.explained as select *, 1 as explained from linkage.candidates "
        "where identity_id in ($one, $other)",
        {"one": identity_one, "other": identity_other},
    )
    told = scene.settings | TELLING | {"blocking_rules_to_generate_predictions": [block_on("explained")]}
    with unquoted_errors("explaining a pair"):
        linker = make_linker(scene.connection, "linkage.explained", told)
        register_term_frequencies(scene.connection, linker, scene.settings)
        scored = scene.connection.execute(f"from {linker.inference.predict().physical_name}")
        names = [column[0] for column in scored.description or []]
        (row,) = scored.fetchall()
        linker.table_management.delete_tables_created_by_splink_from_db()
    return _waterfall(scene.settings, dict(zip(names, row, strict=True)))


def _waterfall(settings: Mapping[str, Any], row: Mapping[str, Any]) -> Waterfall:
    chance = settings["probability_two_random_records_match"]
    steps = tuple(_step(comparison, row) for comparison in settings["comparisons"])
    return Waterfall(math.log2(chance / (1 - chance)), steps, float(row["match_weight"]))


def _step(comparison: Mapping[str, Any], row: Mapping[str, Any]) -> Step:
    name = comparison["output_column_name"]
    return Step(
        ladder=name,
        level=_level(comparison, int(row[f"gamma_{name}"])),
        weight=float(row[f"mw_{name}"]),
        rarity_weight=float(row.get(f"mw_tf_adj_{name}") or 0.0),
    )


def _level(comparison: Mapping[str, Any], number: int) -> str:
    """Splink numbers the levels of a comparison from the last, which is 0, upwards; that of the unknown is -1."""
    levels = comparison["comparison_levels"]
    unknown = [level for level in levels if level.get("is_null_level")]
    known = [level for level in levels if not level.get("is_null_level")]
    return str((unknown[0] if number == -1 else known[::-1][number])["label_for_charts"])
