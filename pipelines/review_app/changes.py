"""What decisions of the app came to: pairs joined and parted, persons merged and split, published figures moved.

Told by counts and numbers of judgements; nobody is named, so supervisors may see it. A figure of a release moved
*because of* decisions only where nothing else changed between two releases; else it moved *beside* what else changed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pyarrow as pa

from pipelines import sql
from pipelines.lake import Lake
from pipelines.link.decision_store import Decision, in_force, recorded
from pipelines.publish.catalogue import entries
from pipelines.publish.difference import Difference, difference
from pipelines.publish.folders import release_folder
from pipelines.review_app.deciding import EVIDENCE, effect

PACKAGE = "pipelines.review_app"

DECISIONS, INDEX = "decisions_id", "person_index_sha256"
"""Inputs of a release: the decisions, and the persons that follow from them."""

DECIDED = pa.schema(
    [
        ("judgement", pa.int64()),
        ("decision_code", pa.string()),
        ("decided_at", pa.timestamp("us", "UTC")),
        ("was_together", pa.bool_()),
        ("agency_l", pa.string()),
        ("client_id_l", pa.string()),
        ("agency_r", pa.string()),
        ("client_id_r", pa.string()),
    ]
)

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Change:
    """What became of a pair that was decided."""

    judgement: int
    decision_code: str
    effect: str
    """joined, parted, as it was, waits for the next run, or a client is gone."""


@dataclass(frozen=True)
class Released:
    """The newest two releases between which decisions changed."""

    difference: Difference
    is_alone: bool
    """Whether nothing else changed, so that what moved, moved because of decisions."""
    others: tuple[str, ...]
    """What else changed."""


def pair_changes(lake: Lake) -> list[Change]:
    """The decisions of the app in force, newest first."""
    standing = [one for one in in_force(recorded(lake)) if EVIDENCE in one.evidence and effect(one.decision_code)]
    if not standing or not lake.has("person_index", "person_of_client"):
        return [Change(int(one.evidence[EVIDENCE]), one.decision_code, "waits for the next run") for one in standing]
    with sql.connect(lake.spill) as connection:
        sql.open_views(connection, lake, [("person_index", "person_of_client")])
        connection.execute("create schema work")
        connection.register("decided_rows", _rows(standing))
        connection.execute("create table work.decided as from decided_rows")
        _open_applied(connection, lake)
        found = sql.relation(connection, PACKAGE, "changes")
        return [_change(dict(zip(found.columns, row, strict=True))) for row in found.fetchall()]


def index_changes(lake: Lake) -> list[Row]:
    """Versions of the person index that decisions had a part in, newest first (columns of `index_changes.sql`)."""
    if not lake.has("person_index", "ledger"):
        return []
    with sql.connect(lake.spill) as connection:
        sql.open_views(connection, lake, [("person_index", "ledger")])
        found = sql.relation(connection, PACKAGE, "index_changes")
        return [dict(zip(found.columns, row, strict=True)) for row in found.fetchall()]


def released_changes(lake: Lake) -> Released | None:
    """What the newest release with other decisions tells otherwise than the one before it; None if there is none."""
    published = sorted((one.published_at, one.release_id) for one in entries(lake) if one.published_at)
    folders = [folder for _, name in published if (folder := release_folder(lake, name)).exists()]
    for before, after in reversed(list(pairwise(folders))):
        told = difference(before, after)
        causes = {cause.cause_code: cause.text for cause in told.causes}
        if DECISIONS in causes:
            others = tuple(text for code, text in causes.items() if code not in (DECISIONS, INDEX))
            return Released(told, not others, others)
    return None


def _open_applied(connection: Any, lake: Lake) -> None:
    if lake.has("linked", "decisions"):
        sql.open_views(connection, lake, [("linked", "decisions")])
        connection.execute("create view work.applied as from linked.decisions")
    else:
        connection.execute("create view work.applied as select * exclude (judgement) from work.decided where false")


def _rows(standing: Sequence[Decision]) -> pa.Table:
    rows = [
        {
            "judgement": int(one.evidence[EVIDENCE]),
            "was_together": one.evidence.get("is_together"),
            **{name: getattr(one, name) for name in DECIDED.names if hasattr(one, name)},
        }
        for one in standing
    ]
    return pa.Table.from_pylist(rows, schema=DECIDED)


def _change(row: Row) -> Change:
    return Change(row["judgement"], row["decision_code"], _effect(row))


def _effect(row: Row) -> str:
    if not row["is_applied"]:
        return "waits for the next run"
    if row["is_together"] is None:
        return "a client is gone"
    if row["is_together"] == row["was_together"]:
        return "as it was"
    return "joined" if row["is_together"] else "parted"
