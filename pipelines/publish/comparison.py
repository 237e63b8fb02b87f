"""A comparison as it may leave: its aggregates without small cells, and its tables as Parquet.

The cohort is the exception: a row a person under a number, for evaluators under an agreement, as `person_measures` is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.comparison.balance import WELL_BALANCED
from pipelines.comparison.compare import Comparison
from pipelines.comparison.effects import EFFECTS
from pipelines.lake import replacing
from pipelines.publish.disclosure import MIN_CELL, RowSum, Shape, is_small, withhold

FLOW = Shape(counts=("index_days",), denominator="index_days", numerator="index_days", derived=())
"""The shape of the table that tells who was looked at and what became of them."""

EFFECT_VALUES = (
    "treated_pre", "treated_post", "untreated_pre", "untreated_post", "estimate", "lower", "upper",
)  # fmt: skip
EFFECT_COUNTS = ("treated_persons", "untreated_persons")
BALANCE_VALUES = (
    "treated_mean", "untreated_mean", "matched_treated_mean", "matched_untreated_mean", "difference_before",
    "difference_after",
)  # fmt: skip
GROUPS = ("treated", "untreated", "matched_treated", "matched_untreated")


@dataclass(frozen=True)
class ToldComparison:
    """A comparison without small cells: what is withheld is null, and its row is marked `suppressed`."""

    comparison: Comparison
    flow: pl.DataFrame
    """Grain: group × what became of an index day (`looked_at` is the sum of the others)."""
    balance: pl.DataFrame
    effects: pl.DataFrame
    survival: pl.DataFrame
    log_rank_p_value: float | None


def told_comparison(comparison: Comparison) -> ToldComparison:
    """Withhold what would tell of one to ten people."""
    sizes = _sizes(comparison)
    return ToldComparison(
        comparison=comparison,
        flow=_flow(comparison, sizes),
        balance=_balance(comparison.balance, sizes),
        effects=_effects(comparison.effects, sizes),
        survival=_survival(comparison.survival),
        log_rank_p_value=_log_rank(comparison),
    )


def write_comparison(told: ToldComparison, out: Path) -> list[Path]:
    """Write the cohort and the aggregates as Parquet into a folder; returns the files."""
    tables = {
        "cohort": told.comparison.cohort,
        "flow": told.flow,
        "balance": told.balance,
        "effects": told.effects,
        "survival": told.survival,
    }
    files = []
    for name, table in tables.items():
        with replacing(out / f"{name}.parquet") as staged:
            table.write_parquet(staged)
        files.append(out / f"{name}.parquet")
    return files


def _sizes(comparison: Comparison) -> dict[str, int]:
    treated = comparison.cohort["is_treated"]
    return {
        "treated": comparison.treated,
        "untreated": comparison.untreated,
        "matched_treated": int(treated.sum()),
        "matched_untreated": int((~treated).sum()),
    }


def _flow(comparison: Comparison, sizes: Mapping[str, int]) -> pl.DataFrame:
    rows: list[dict[str, Any]] = []
    sums: list[RowSum] = []
    for group in ("treated", "untreated"):
        parts = [(row["left_out_reason"], row["index_days"])
                 for row in comparison.left_out.to_dicts() if row["group_code"] == group]  # fmt: skip
        matched = sizes[f"matched_{group}"]
        parts += [("matched", matched), ("not_matched", sizes[group] - matched)]
        sums.append(RowSum(len(rows), tuple(range(len(rows) + 1, len(rows) + 1 + len(parts)))))
        rows += [{"group_code": group, "became": became, "index_days": days}
                 for became, days in [("looked_at", sum(days for _, days in parts)), *parts]]  # fmt: skip
    return pl.DataFrame(withhold(rows, FLOW, sums), schema_overrides={"index_days": pl.Int64})


def _effects(effects: pl.DataFrame, sizes: Mapping[str, int]) -> pl.DataFrame:
    rows = [_effect(row, sizes) for row in effects.to_dicts()]
    schema = {name: kind for name, kind in EFFECTS.items() if not name.endswith("_with_events")}
    return pl.DataFrame(rows, schema=schema | {"suppressed": pl.Boolean})


def _effect(row: dict[str, Any], sizes: Mapping[str, int]) -> dict[str, Any]:
    counts = [row.pop("treated_with_events"), row.pop("untreated_with_events"), *(row[name] for name in EFFECT_COUNTS)]
    gone: set[str] = set()
    if any(map(is_small, counts)):
        gone |= {*EFFECT_VALUES, *EFFECT_COUNTS}
    if is_small(sizes["matched_treated"] - row["treated_persons"]):
        # beside the cohort's size it would tell how few were not followed long enough
        gone |= set(EFFECT_COUNTS)
    return {name: None if name in gone else value for name, value in row.items()} | {"suppressed": bool(gone)}


def _balance(balance: pl.DataFrame, sizes: Mapping[str, int]) -> pl.DataFrame:
    """Levels of one covariate add up to everybody, so they are told together or not at all."""
    hidden = {row["covariate_group"] for row in balance.to_dicts() if _is_telling(row, sizes)}
    told = balance.with_columns(
        is_balanced=pl.when(not any(map(is_small, sizes.values()))).then(
            pl.col("difference_after").abs() < WELL_BALANCED
        ),
        suppressed=pl.col("covariate_group").is_in(sorted(hidden)),
    ).drop(f"{group}_above_zero" for group in GROUPS)
    return told.with_columns(pl.when(~pl.col("suppressed")).then(pl.col(name)).alias(name) for name in BALANCE_VALUES)


def _is_telling(row: Mapping[str, Any], sizes: Mapping[str, int]) -> bool:
    above = {group: row[f"{group}_above_zero"] for group in GROUPS}
    if any(is_small(sizes[group]) or is_small(count) for group, count in above.items()):
        return True
    return bool(row["is_level"]) and any(is_small(sizes[group] - count) for group, count in above.items())


def _survival(survival: pl.DataFrame) -> pl.DataFrame:
    """Points of a curve between which nobody or at least `MIN_CELL` came back, while as many are still looked at."""
    kept = []
    last: dict[str, int] = {}
    for row in survival.to_dicts():
        further = row["events_so_far"] - last.get(row["group_code"], 0)
        if row["at_risk"] >= MIN_CELL and not is_small(further):
            last[row["group_code"]] = row["events_so_far"]
            kept.append(row)
    schema = {name: kind for name, kind in survival.schema.items() if name not in ("at_risk", "events_so_far")}
    return pl.DataFrame([{name: row[name] for name in schema} for row in kept], schema=schema)


def _log_rank(comparison: Comparison) -> float | None:
    events = comparison.survival.group_by("group_code").agg(pl.col("events_so_far").max())["events_so_far"]
    return None if any(map(is_small, events)) else comparison.log_rank.p_value
