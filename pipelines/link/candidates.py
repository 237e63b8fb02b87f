"""Identities with one key column per blocking rule, for those who let Splink do the blocking itself.

Training, explanations and benchmarks block so; a run enumerates the same pairs from the same keys (`blocks.py`).
"""

from __future__ import annotations

import duckdb
import pyarrow as pa

from linkage_rules.blocking import BlockingRule
from pipelines.link.keys import RuleKeys, all_rules, keys_of_rules, shared_id_rules
from pipelines.link.parts import SILENT, expressions, read_parts
from pipelines.link.places import IDENTITIES, Identities, read_identities

__all__ = ["TABLE", "make_candidates", "shared_id_rules"]

TABLE = "linkage.candidates"
"""standard.identities with key columns."""


def make_candidates(connection: duckdb.DuckDBPyConnection) -> tuple[BlockingRule, ...]:
    """Make linkage.candidates from standard.identities, with key columns; returns the rules that say something."""
    connection.execute("create schema if not exists linkage")
    rules, identities = all_rules(connection), read_identities(connection)
    parts = read_parts(connection, expressions(rules))
    spoken = [keys for keys in keys_of_rules(rules, parts, len(identities)) if (keys.keys != SILENT).any()]
    _add_columns(connection, identities, spoken)
    return tuple(keys.rule for keys in spoken)


def _add_columns(connection: duckdb.DuckDBPyConnection, identities: Identities, rules: list[RuleKeys]) -> None:
    columns = {"identity_id": identities.ids, **{keys.rule.column: keys.keys for keys in rules}}
    connection.register("rule_keys", pa.table(columns))
    shown = "".join(f", nullif(k.{keys.rule.column}, 0) as {keys.rule.column}" for keys in rules)
    connection.execute(
        f"create or replace table {TABLE} as select i.*{shown} from {IDENTITIES} as i "
        "inner join rule_keys as k on i.identity_id = k.identity_id order by i.identity_id"
    )
    connection.unregister("rule_keys")
