"""What is known of the county's links, and the clients that other ways to cut them would make other persons."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa

from linkage_rules.thresholds import fitted_to_population, thresholds
from pipelines import sql
from pipelines.intervals import Z_95
from pipelines.lake import Lake
from pipelines.link.graph import Flags, Numbers
from pipelines.link.linking import client_pairs
from pipelines.link.links import SAME_COMPONENT
from pipelines.link.pin import pinned, read_pin
from pipelines.link.places import among, union
from pipelines.link.ties import last_decisions, read_ties
from pipelines.uncertainty import partitions
from pipelines.uncertainty.link_error import LEAST_RECALL, Recall
from pipelines.uncertainty.partitions import Linkage
from pipelines.uncertainty.reach import read_reach
from pipelines.uncertainty.rules import Rules

STRICT, LOOSE, ALONE, FIRST_DRAW = 0, 1, 2, 3
"""Numbers of worlds; those from `FIRST_DRAW` on are draws."""

RECALL_DIGITS, ERROR_DIGITS, SHIFT_STEPS = 4, 5, 64
"""How finely the recall, its standard error and the shift of weights (steps a bit) are told apart: finer than they are
known. Further digits move with every link of the county, and all would be drawn and corrected anew every night."""


@dataclass(frozen=True)
class Quality:
    """What is known of the links of a lake, and by what: labels, the model, or nothing (null)."""

    recall: Recall
    recall_source: str | None
    precision: float | None
    """By labels; the model's own expectation is what its weights say anyway."""
    precision_source: str | None


def read_quality(connection: duckdb.DuckDBPyConnection) -> Quality:
    """Precision and recall of the county's links, by labels where there are enough, else by the model's expectation."""
    rows = connection.execute(
        "select precision_source, labelled_precision, recall_source, "
        "coalesce(labelled_recall, expected_recall), coalesce(labelled_recall_lower, expected_recall_lower), "
        "coalesce(labelled_recall_upper, expected_recall_upper) "
        "from county.linkage_by_group where cut_code = 'all'"
    ).fetchall()
    if not rows or rows[0][3] is None:
        return Quality(Recall(1.0, 0.0), None, rows[0][1] if rows else None, rows[0][0] if rows else None)
    precision_source, precision, recall_source, share, lower, upper = rows[0]
    error = (upper - lower) / (2 * Z_95)
    recall = Recall(round(max(share, LEAST_RECALL), RECALL_DIGITS), round(error, ERROR_DIGITS))
    return Quality(recall, recall_source, precision, precision_source)


def read_linkage(lake: Lake) -> Linkage:
    """What the last run scored, with the decisions and thresholds that it was cut with."""
    with sql.connect(lake.spill) as connection:
        sql.open_views(connection, lake, [("linked", "links"), ("standard", "clients"), ("standard", "identities")])
        return _linkage(connection, lake)


def _linkage(connection: duckdb.DuckDBPyConnection, lake: Lake) -> Linkage:
    pin = read_pin(lake)
    stated = pinned(lake, pin).thresholds if pin else thresholds()
    fitted = fitted_to_population(stated, sql.count(connection, "standard.identities"))
    ties = read_ties(connection, last_decisions(lake))
    scored = connection.execute(
        "select client_key_l as key from linked.links union select client_key_r from linked.links"
    ).fetchnumpy()["key"]
    tied = np.array(sorted(ties.must), dtype=np.int64).reshape(-1, 2)
    keys = union([scored.astype(np.int64), tied.ravel()])
    by_rule = f"(from linked.links where match_key <> {sql.literal(SAME_COMPONENT)})"
    return Linkage(
        keys=keys,
        links=client_pairs(connection, by_rule, keys, ties),
        pairs=client_pairs(connection, "linked.links", keys, ties),
        must=np.searchsorted(keys, tied).astype(np.int64).reshape(-1, 2),
        thresholds=fitted,
    )


def placed_clients(connection: duckdb.DuckDBPyConnection, linkage: Linkage, quality: Quality, rules: Rules) -> pa.Table:
    """The clients that are other persons in some world and come to other numbers there: world, client_key, cluster_key.

    A component without a client of a person who is measured changes no number, nor does one that `reach` leaves out.
    """
    labels = linkage.components()
    is_relevant = np.zeros(len(labels), dtype=bool)
    is_relevant[labels[among(linkage.keys, measured_clients(connection))]] = True
    near = linkage.among(is_relevant[labels])
    reach = read_reach(connection, near.keys)
    chosen, drawn = (reach.can_differ(one) for one in (near.widest(rules.loose_bits), near.components()))
    near = near.among(chosen)
    base = partitions.moved(near, 0.0)
    shift = 0.0
    if quality.precision is not None:
        exact = partitions.shift_to_precision(linkage, partitions.moved(linkage, 0.0), quality.precision)
        shift = round(exact * SHIFT_STEPS) / SHIFT_STEPS
    doubtful = partitions.unsettled(near, shift, rules.settled_weight) & drawn[chosen]
    parts = [
        _placed(STRICT, near.keys, base, partitions.moved(near, rules.strict_bits)),
        _placed(LOOSE, near.keys, base, partitions.moved(near, rules.loose_bits)),
        _placed(ALONE, near.keys, base, partitions.alone(near)),
        *_drawn(near.among(doubtful), shift, rules),
    ]
    return pa.concat_tables(parts)


def _drawn(linkage: Linkage, shift: float, rules: Rules) -> Iterator[pa.Table]:
    base = partitions.moved(linkage, 0.0)
    for number, found in enumerate(partitions.drawn(linkage, shift, rules)):
        yield _placed(FIRST_DRAW + number, linkage.keys, base, found)


def _placed(world: int, keys: Numbers, before: Numbers, after: Numbers) -> pa.Table:
    moved: Flags = partitions.changed(before, after)
    return pa.table(
        {
            "world": pa.array(np.full(int(moved.sum()), world, dtype=np.int32)),
            "client_key": pa.array(keys[moved]),
            "cluster_key": pa.array(keys[after[moved]]),
        }
    )


def measured_clients(connection: duckdb.DuckDBPyConnection) -> Numbers:
    """Keys of the clients of persons who have a row of any measure, ascending."""
    found = connection.execute(
        "select client_key from county.person_of_client "
        "where person_id in (select m.person_id from county.person_measures as m) order by client_key"
    ).fetchnumpy()["client_key"]
    return np.asarray(found, dtype=np.int64)
