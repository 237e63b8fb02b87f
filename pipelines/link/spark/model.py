"""The bundle's model in Spark's dialect: every condition said anew, every parameter as it was trained."""

from __future__ import annotations

from typing import Any

from linkage_rules.settings import Settings
from pipelines.link.spark.dialect import spark_sql


def spark_settings(settings: Settings) -> Settings:
    """The same ladders, levels, probabilities and term-frequency weights, with conditions that Spark reads alike."""
    rebuilt = {name: value for name, value in settings.items() if name not in ("sql_dialect", "linker_uid")}
    return rebuilt | {"comparisons": [_comparison(comparison) for comparison in settings["comparisons"]]}


def _comparison(comparison: dict[str, Any]) -> dict[str, Any]:
    return comparison | {"comparison_levels": [_level(level) for level in comparison["comparison_levels"]]}


def _level(level: dict[str, Any]) -> dict[str, Any]:
    condition = level["sql_condition"]
    return level | {"sql_condition": condition if condition == "ELSE" else spark_sql(condition)}
