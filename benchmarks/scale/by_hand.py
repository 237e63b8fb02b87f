"""The limit: one SQL statement, written out from the model, that scores the same pairs with the same conditions.

What any engine on DuckDB could reach at best: no blocking, no table of comparison levels, no columns kept but the two
ids and the weight.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from linkage_rules.settings import Settings, term_frequency_columns

NODES = "linkage.by_hand_nodes"
ID = "identity_id"


def nodes_sql(settings: Settings, candidates: str, columns: Sequence[str]) -> str:
    """The identities with what the conditions need: the columns that they name, and how common their values are."""
    frequent = term_frequency_columns(settings)
    wanted = [column for column in columns if column == ID or _is_named(settings, column)]
    selected = ", ".join([f"c.{column}" for column in wanted] + [f"t_{column}.tf_{column}" for column in frequent])
    joins = " ".join(f"left join linkage.tf_{column} as t_{column} using ({column})" for column in frequent)
    return f"create or replace table {NODES} as select {selected} from {candidates} as c {joins}"


def scores_sql(settings: Settings, pairs: str, columns: Sequence[str], loose_weight: float) -> str:
    """Pairs at or above the loose weight: both ids and the weight."""
    needed = [column for column in columns if column != ID]
    sides = ", ".join(f"l.{column} as {column}_l, r.{column} as {column}_r" for column in needed)
    weight = " + ".join([str(_prior(settings)), *(_comparison(entry) for entry in settings["comparisons"])])
    return (
        f"with sided as (select l.{ID} as identity_id_l, r.{ID} as identity_id_r, {sides} from {pairs} as p "
        f"inner join {NODES} as l on p.join_key_l = l.{ID} inner join {NODES} as r on p.join_key_r = r.{ID}), "
        f"weighed as (select identity_id_l, identity_id_r, {weight} as weight from sided) "
        f"select * from weighed where weight >= {loose_weight}"
    )


def _is_named(settings: Settings, column: str) -> bool:
    conditions = (level["sql_condition"] for entry in settings["comparisons"] for level in entry["comparison_levels"])
    return any(f"{column}_l" in condition for condition in conditions)


def _prior(settings: Settings) -> float:
    chance = settings["probability_two_random_records_match"]
    return math.log2(chance / (1 - chance))


def _comparison(entry: Mapping[str, Any]) -> str:
    levels = entry["comparison_levels"]
    steps = [_step(level, levels) for level in levels if level["sql_condition"].strip().upper() != "ELSE"]
    last = next((level for level in levels if level["sql_condition"].strip().upper() == "ELSE"), None)
    return f"case {' '.join(steps)} else {_weight(last, levels) if last else '0'} end"


def _step(level: Mapping[str, Any], levels: Sequence[Mapping[str, Any]]) -> str:
    return f"when {level['sql_condition']} then {_weight(level, levels)}"


def _weight(level: Mapping[str, Any], levels: Sequence[Mapping[str, Any]]) -> str:
    if level.get("is_null_level"):
        return "0.0"
    weight = str(math.log2(level["m_probability"] / level["u_probability"]))
    column = level.get("tf_adjustment_column")
    if not column:
        return weight
    exact = next((one for one in levels if one["sql_condition"].strip() == f"{column}_l = {column}_r"), level)
    least = level.get("tf_minimum_u_value") or 0.0
    rarity = f"log2({exact['u_probability']} / greatest(tf_{column}_l, tf_{column}_r, {least}))"
    return f"({weight} + coalesce({level.get('tf_adjustment_weight', 1.0)} * {rarity}, 0))"
