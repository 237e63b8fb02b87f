"""The table that Splink blocks on, made by Spark: the same blocks as `pipelines.link.candidates` makes in DuckDB.

All rules are refined together, level by level, in one long table; a key is a hash that lives only as long as the run.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from linkage_rules.blocking import LAST_BLOCK_FACTOR, BlockingRule, max_block
from pipelines import sql
from pipelines.link.spark.dialect import spark_sql

PACKAGE = "pipelines.link.spark"


def make_candidates(session: Any, rules: Sequence[BlockingRule], target: Path) -> tuple[BlockingRule, ...]:
    """Write identities with one key column per rule to `target`, as view `candidates`; needs view `identities`.

    Returns the rules that meet anybody's key.
    """
    population = session.table("identities").count()
    session.sql(_levels_sql(rules, population)).createOrReplaceTempView("block_keys")
    for level in range(1, 1 + max(len(rule.refine) for rule in rules)):
        _step(session, "refined_keys", {"level": level})
    _step(session, "bounded_keys", {"last_block_factor": LAST_BLOCK_FACTOR})
    session.sql(_candidates_sql(rules)).write.parquet(str(target))
    session.read.parquet(str(target)).createOrReplaceTempView("candidates")
    counts = ", ".join(f"count({rule.column})" for rule in rules)
    (spoken,) = session.sql(f"select {counts} from candidates").collect()
    return tuple(rule for rule, keys in zip(rules, spoken, strict=True) if keys)


def _step(session: Any, name: str, limits: dict[str, int]) -> None:
    session.sql(sql.text(PACKAGE, name), args=limits).createOrReplaceTempView("block_keys")


def _levels_sql(rules: Sequence[BlockingRule], population: int) -> str:
    """One row per identity and rule: the rule's limit and the keys of all levels, the first in force."""
    told = ", ".join(
        f"named_struct('rule', {place}, 'max_block', {max_block(population, is_weak=rule.is_weak)}, "
        f"'levels', array({', '.join(_levels(rule))}))"
        for place, rule in enumerate(rules)
    )
    spread = f"select identity_id, inline(array({told})) as (rule, max_block, levels) from identities"
    return f"select identity_id, rule, max_block, levels, get(levels, 0) as key from ({spread})"


def _levels(rule: BlockingRule) -> list[str]:
    return [_hash((*rule.key, *rule.refine[:level])) for level in range(1 + len(rule.refine))]


def _hash(parts: Sequence[str]) -> str:
    said = [spark_sql(part) for part in parts]
    known = " and ".join(f"({part}) is not null" for part in said)
    return f"case when {known} then xxhash64({', '.join(said)}) end"


def _candidates_sql(rules: Sequence[BlockingRule]) -> str:
    columns = ", ".join(f"{place} as {rule.column}" for place, rule in enumerate(rules))
    return (
        "select * from identities left join ("
        f"select * from (select identity_id, rule, key from block_keys) pivot (max(key) for rule in ({columns}))"
        ") using (identity_id)"
    )
