"""On which rung of each ladder a pair stands, and what a model says that rung is worth. No value of a record comes out.

Belongs here: reading a bundle's own ladders as SQL, so that two models can be held side by side on the same pairs.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import duckdb

from linkage_rules.settings import Settings
from pipelines import sql


def make_rungs(connection: duckdb.DuckDBPyConnection, settings: Settings, pairs: str, target: str) -> int:
    """Make the table `target` (pair, ladder, level, bits) of a model's ladders; returns the row count.

    `pairs` is a table of `pair, identity_id_l, identity_id_r`; needs standard.identities. Bits are those of the rung,
    before the rarity of the value that agrees.
    """
    columns = [row[0] for row in connection.execute("describe standard.identities").fetchall()]
    sides = ", ".join(f"l.{column} as {column}_l, r.{column} as {column}_r" for column in columns)
    connection.execute(
        f"create or replace temp table sided_pairs as select p.pair, {sides} from {pairs} as p "
        "inner join standard.identities as l on p.identity_id_l = l.identity_id "
        "inner join standard.identities as r on p.identity_id_r = r.identity_id"
    )
    ladders = " union all ".join(_ladder(comparison) for comparison in settings["comparisons"])
    connection.execute(f"create or replace table {target} as {ladders} order by pair, ladder")
    return sql.count(connection, target)


def _ladder(comparison: Mapping[str, Any]) -> str:
    rungs = [
        (level["sql_condition"], f"{{'level': {sql.literal(level['label_for_charts'])}, 'bits': {_bits(level)}}}")
        for level in comparison["comparison_levels"]
    ]
    cases = " ".join(f"when {condition} then {rung}" for condition, rung in rungs if condition.upper() != "ELSE")
    (rest,) = (rung for condition, rung in rungs if condition.upper() == "ELSE")
    name = sql.literal(comparison["output_column_name"])
    return (
        f"(select pair, {name} as ladder, rung.level as level, rung.bits as bits "
        f"from (select pair, case {cases} else {rest} end as rung from sided_pairs))"
    )


def _bits(level: Mapping[str, Any]) -> str:
    if level.get("is_null_level"):
        return "0.0::double"
    return f"{math.log2(level['m_probability'] / level['u_probability'])!r}::double"
