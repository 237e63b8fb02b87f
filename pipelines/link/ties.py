"""Decisions as they bear on a run: which are in force, which clients they tie or part, which contradict each other.

Belongs here: from client ids to client keys. What wins over what is in `decisions.py`, what was said in
`decision_store.py`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import duckdb
import pyarrow as pa

from pipelines import sql
from pipelines.lake import Lake
from pipelines.link.decision_store import Decision, in_force, recorded
from pipelines.link.decisions import Pair, Ties, reconcile

COLUMNS = ("agency_l", "client_id_l", "agency_r", "client_id_r", "decision_code")

SCHEMA = pa.schema([(name, pa.string()) for name in COLUMNS])

TABLE = ("linked", "decisions")


def standing_decisions(lake: Lake, stated: Path | None = None) -> Path:
    """Write linked/decisions and return its path: what is in force now, from the store, or from a Parquet of COLUMNS.

    Grain: a pair of clients said to be same or different. People decide at any hour; a run and all that tells of it
    rest on this copy.
    """
    if stated is None:
        rows = as_table(in_force(recorded(lake)))
    else:
        with sql.connect(places=[stated.parent]) as connection:
            rows = connection.sql(
                f"select {', '.join(f'{name}::varchar as {name}' for name in COLUMNS)} "
                f"from read_parquet({sql.literal(str(stated))}) where decision_code <> 'unsure' order by all"
            ).to_arrow_table()
    lake.write_arrow(*TABLE, rows)
    return lake.path(*TABLE)


def last_decisions(lake: Lake) -> Path | None:
    """The decisions that linked/ was made with, if it was made with any."""
    return lake.path(*TABLE) if lake.has(*TABLE) else None


def as_table(decisions: Sequence[Decision]) -> pa.Table:
    """The pairs said to be same or different, as rows of COLUMNS."""
    speaking = [one for one in decisions if one.decision_code != "unsure"]
    return pa.Table.from_pylist([{name: getattr(one, name) for name in COLUMNS} for one in speaking], schema=SCHEMA)


def decisions_sha256(lake: Lake) -> str:
    """Fingerprint of the decisions that the clusters rest on; no decision has one too."""
    digest = hashlib.sha256()
    if lake.has(*TABLE):
        with sql.connect(lake.spill) as connection:
            path = sql.literal(str(lake.path(*TABLE)))
            for row in connection.execute(
                f"select {', '.join(COLUMNS)} from read_parquet({path}) order by all"
            ).fetchall():
                digest.update("\0".join(map(str, row)).encode() + b"\n")
    return digest.hexdigest()


def read_ties(connection: duckdb.DuckDBPyConnection, decisions: Path | None) -> Ties:
    """Must-links and cannot-links from reviewers' decisions and from agencies' merges of their own clients.

    `decisions` is Parquet: agency_l, client_id_l, agency_r, client_id_r, decision_code (same, different, unsure).
    """
    merged = _key_pairs(
        connection,
        "select client_key, merged_into_client_key from standard.clients "
        "where merged_into_client_key in (select client_key from standard.clients)",
    )
    if decisions is None:
        return reconcile([], [], merged)
    ties = reconcile(_decided(connection, decisions, "same"), _decided(connection, decisions, "different"), merged)
    return replace(ties, dormant=_dormant(connection, decisions))


def _decided(connection: duckdb.DuckDBPyConnection, decisions: Path, code: str) -> list[Pair]:
    return _key_pairs(
        connection,
        f"select l.client_key, r.client_key from read_parquet({sql.literal(str(decisions))}) as d "
        "inner join standard.clients as l on d.agency_l = l.agency and d.client_id_l = l.client_id "
        "inner join standard.clients as r on d.agency_r = r.agency and d.client_id_r = r.client_id "
        f"where d.decision_code = {sql.literal(code)}",
    )


def _dormant(connection: duckdb.DuckDBPyConnection, decisions: Path) -> int:
    query = (
        f"select count(*) from read_parquet({sql.literal(str(decisions))}) as d "
        "left join standard.clients as l on d.agency_l = l.agency and d.client_id_l = l.client_id "
        "left join standard.clients as r on d.agency_r = r.agency and d.client_id_r = r.client_id "
        "where d.decision_code <> 'unsure' and (l.client_key is null or r.client_key is null)"
    )
    ((dormant,),) = connection.execute(query).fetchall()
    return int(dormant)


def _key_pairs(connection: duckdb.DuckDBPyConnection, query: str) -> list[Pair]:
    return [(int(left), int(right)) for left, right in connection.execute(query).fetchall()]
