"""The table that Splink blocks on: identities with one key column per blocking rule, oversized blocks refined.

Belongs here: turning the rules of `linkage_rules.blocking` into columns. A key is a hash, so a join compares integers;
it lives only as long as the run.
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from linkage_rules.blocking import LAST_BLOCK_FACTOR, RULES, BlockingRule, max_block
from pipelines import sql

TABLE = "linkage.candidates"


def make_candidates(connection: duckdb.DuckDBPyConnection) -> tuple[BlockingRule, ...]:
    """Make linkage.candidates from standard.identities; returns the rules that have a key column in it."""
    rules = (*RULES, *shared_id_rules(connection))
    keys = ", ".join(f"{_hash(rule.key)} as {rule.column}" for rule in rules)
    connection.execute("create schema if not exists linkage")
    connection.execute(f"create or replace table {TABLE} as select *, {keys} from standard.identities")
    limit = max_block(sql.count(connection, TABLE))
    for rule in rules:
        _refine(connection, rule, limit)
    return tuple(rule for rule in rules if _speaks(connection, rule))


def shared_id_rules(connection: duckdb.DuckDBPyConnection) -> list[BlockingRule]:
    """One rule for each space of ids that the identities share, whichever contract brought it."""
    query = (
        "select distinct split_part(id, ':', 1) as kind "
        "from (select unnest(shared_ids) as id from standard.identities) order by kind"
    )
    kinds = [str(kind) for (kind,) in connection.execute(query).fetchall()]
    return [_shared_id_rule(place, kind) for place, kind in enumerate(kinds)]


def _shared_id_rule(place: int, kind: str) -> BlockingRule:
    prefix = sql.literal(kind + ":")
    return BlockingRule(
        name=f"same_shared_id_{place}",
        key=(f"list_filter(shared_ids, lambda id: starts_with(id, {prefix}))[1]",),
        refine=("left(first_name, 1)",),
        reason="Agencies copied the id from one another.",
    )


def _refine(connection: duckdb.DuckDBPyConnection, rule: BlockingRule, limit: int) -> None:
    """Lengthen the key of each block that is too large; leave out what no expression makes small."""
    parts = list(rule.key)
    for expression in rule.refine:
        if not _collect_large(connection, rule, limit):
            return
        parts.append(expression)
        _rekey(connection, rule, _hash(parts))
    if _collect_large(connection, rule, LAST_BLOCK_FACTOR * limit):
        _rekey(connection, rule, "null")


def _collect_large(connection: duckdb.DuckDBPyConnection, rule: BlockingRule, limit: int) -> int:
    connection.execute(
        f"create or replace temp table large_blocks as select {rule.column} as key from {TABLE} "
        f"where {rule.column} is not null group by key having count(*) > {limit}"
    )
    return sql.count(connection, "large_blocks")


def _rekey(connection: duckdb.DuckDBPyConnection, rule: BlockingRule, key: str) -> None:
    connection.execute(
        f"update {TABLE} set {rule.column} = {key} where {rule.column} in (select key from large_blocks)"
    )


def _speaks(connection: duckdb.DuckDBPyConnection, rule: BlockingRule) -> bool:
    ((spoken,),) = connection.execute(f"select count({rule.column}) > 0 from {TABLE}").fetchall()
    return bool(spoken)


def _hash(parts: Sequence[str]) -> str:
    known = " and ".join(f"({part}) is not null" for part in parts)
    return f"case when {known} then hash({', '.join(parts)}) end"
