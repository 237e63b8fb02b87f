"""Identities with one key column per blocking rule, for those who let Splink do the blocking itself.

Training, explanations and benchmarks block so; a run enumerates the same pairs from the same keys (`blocks.py`).
"""

from __future__ import annotations

import duckdb
import pyarrow as pa

from linkage_rules.blocking import BlockingRule
from pipelines.link.keys import SILENT, TABLE, RuleKeys, keys_of_rules, shared_id_rules, take_up_identities

__all__ = ["TABLE", "make_candidates", "shared_id_rules"]


def make_candidates(connection: duckdb.DuckDBPyConnection) -> tuple[BlockingRule, ...]:
    """Make linkage.candidates from standard.identities, with key columns; returns the rules that say something."""
    take_up_identities(connection)
    spoken = [rule for rule in keys_of_rules(connection) if (rule.keys != SILENT).any()]
    _add_columns(connection, spoken)
    return tuple(rule.rule for rule in spoken)


def _add_columns(connection: duckdb.DuckDBPyConnection, rules: list[RuleKeys]) -> None:
    if not rules:
        return
    connection.register("rule_keys", pa.table({rule.rule.column: rule.keys for rule in rules}))
    keys = ", ".join(f"nullif({rule.rule.column}, 0) as {rule.rule.column}" for rule in rules)
    connection.execute(
        f"create or replace table {TABLE} as "
        f"select i.*, k.* from {TABLE} as i positional join (select {keys} from rule_keys) as k"
    )
    connection.unregister("rule_keys")
