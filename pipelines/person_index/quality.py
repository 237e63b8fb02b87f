"""Who is under-linked: what each run's linkage came to, overall and by group of clients, without any truth.

Takes `linked` and `standard`; gives, in the zone `person_index`:

    client_attributes   grain: client; the groups that quality is told by
    linkage_by_group    grain: cut × value; shares with their 95 % intervals, and the model's own expectations
    linkage_figures     grain: figure × part; the run as a whole (weights, sizes, rules, placeholders)
    linkage_runs        grain: run × figure × part; the figures of every run (`history.py`)

The groups are never used for linking. What the model expects of itself is a proxy: where it is wrong about a group it
is wrong here too. Where reviewers' labels are kept, a group is told by them; `precision_source` and `recall_source` say
which. A known truth says more than either (`countylink evaluate`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from math import sqrt
from typing import Any

import duckdb
import pyarrow as pa

from linkage_rules.thresholds import Thresholds, fitted_to_population
from pipelines import sql
from pipelines.intervals import NOTHING, Z_95, Estimate, wilson
from pipelines.lake import Lake
from pipelines.person_index.history import add_run, run_key
from pipelines.standardise.code_sets import open_code_sets

PACKAGE = "pipelines.person_index"

HOMELESS_GROUPS = ("ES", "SH", "SO", "TH")
"""Project groups whose guests have no home of their own: shelter, safe haven, street outreach, transitional housing
(24 CFR 578.3, homeless categories 1 and 4 as HMIS counts them)."""

BIN_BITS = 4
"""Width of a bin of match weights: fine enough to see a shift of the model, coarse enough to be steady."""

LAST_BIN = 60
"""Weights from here on are one bin: nobody doubts a pair at odds of 2^60."""

MILLION = 1_000_000

INPUTS = (
    ("linked", "links"),
    ("linked", "clusters"),
    ("standard", "clients"),
    ("standard", "identities"),
    ("standard", "homeless_enrollments"),
    ("standard", "tenancies"),
    ("standard", "placeholder_counts"),
)

ESTIMATES = ("linked", "expected_precision", "expected_recall", "labelled_precision", "labelled_recall")
"""Shares that come with an interval: `<name>`, `<name>_lower`, `<name>_upper`."""

SCHEMA = pa.schema(
    [
        ("cut_code", pa.string()),
        ("cut_value", pa.string()),
        ("clients", pa.int64()),
        ("linkable_clients", pa.int64()),
        ("linked_clients", pa.int64()),
        ("unlinkable_share", pa.float64()),
        ("mean_confidence", pa.float64()),
        ("links", pa.int64()),
        ("doubtful_links", pa.int64()),
        ("doubtful_share", pa.float64()),
        ("pairs_together", pa.int64()),
        ("labelled_pairs", pa.int64()),
        ("labels_set_aside", pa.int64()),
        ("precision_source", pa.string()),
        ("recall_source", pa.string()),
        *((f"{name}{end}", pa.float64()) for name in ESTIMATES for end in ("", "_lower", "_upper")),
    ]
)
"""`linked`: share of the linkable clients whose person another agency knows too (`agency_pair`: the other of the two).
`links`, `doubtful_links`, `pairs_together` count pairs from each of their ends. `mean_confidence` is in bits.
`labels_set_aside`: labels of the group whose clients are seen otherwise by now. `…_source`: what the share is best told
by, `labels` or the `model`; null if by neither."""


@dataclass(frozen=True)
class Labelled:
    """What reviewers' labels say of a group: pairs labelled, labels that no longer hold, and what the others give."""

    pairs: int
    set_aside: int
    precision: Estimate
    recall: Estimate


UNLABELLED = Labelled(0, 0, NOTHING, NOTHING)

Labels = Mapping[tuple[str, str], Labelled]
"""(cut, value) → what the labels say; groups without labels are left out."""


def no_labels(_: Lake) -> Labels:
    """Where nobody has looked."""
    return {}


@dataclass(frozen=True)
class QualityReport:
    """Counts of one assessment."""

    groups: int
    figures: int
    runs: int
    """Runs in the history, this one included."""


def assess(
    lake: Lake,
    as_of: date,
    inputs: Mapping[str, str],
    model: str,
    thresholds: Thresholds,
    labels: Callable[[Lake], Labels] = no_labels,
) -> QualityReport:
    """Write the four tables for the linkage as it stands; the same inputs add no second run to the history.

    Args:
        lake: has `linked`, and `standard`.
        as_of: the run's date; ages and housing are as of it.
        inputs: what the clusters were made from, by kind, each a fingerprint; they key the run.
        model: name of the linkage model, for the history.
        thresholds: those of the model.
        labels: reads what reviewers' labels say of each group, once `client_attributes` is written.
    """
    with sql.connect(lake.spill) as connection:
        sql.open_views(connection, lake, INPUTS)
        open_code_sets(connection)
        lake.write("person_index", "client_attributes", _attributes(connection, as_of))
        sql.open_views(connection, lake, [("person_index", "client_attributes")])
        _measure(connection, fitted_to_population(thresholds, sql.count(connection, "standard.identities")))
        said = labels(lake)
        groups = [_rated(row, said) for row in _rows(connection, "from work.linkage_by_group")]
        lake.write_arrow("person_index", "linkage_by_group", pa.Table.from_pylist(groups, SCHEMA))
        figures = connection.sql("from work.linkage_figures order by figure_code, part_code")
        lake.write("person_index", "linkage_figures", figures)
        runs = add_run(lake, run_key(inputs), as_of, model)
        return QualityReport(len(groups), sql.count(connection, "work.linkage_figures"), runs)


def _attributes(connection: duckdb.DuckDBPyConnection, as_of: date) -> duckdb.DuckDBPyRelation:
    values = {"as_of": as_of, "homeless_groups": list(HOMELESS_GROUPS)}
    return sql.relation(connection, PACKAGE, "client_attributes", values)


def _measure(connection: duckdb.DuckDBPyConnection, thresholds: Thresholds) -> None:
    """Make the tables of schema `work` that the results are read from."""
    loose = {"loose_weight": thresholds.loose_weight}
    doubtful = {"doubtful_below": thresholds.loose_weight + thresholds.doubtful_weight}
    for name in ("client_groups", "grouped_clients"):
        sql.create(connection, "work", PACKAGE, name)
    sql.create(connection, "work", PACKAGE, "scored_pairs", loose | doubtful)
    sql.create(connection, "work", PACKAGE, "group_figures", loose)
    sql.create(connection, "work", PACKAGE, "linkage_by_group")
    bins = {"bin_bits": BIN_BITS, "last_bin": LAST_BIN}
    sql.create(connection, "work", PACKAGE, "linkage_figures", loose | bins)


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = connection.sql(query).to_arrow_table().to_pylist()
    return rows


def _rated(row: Mapping[str, Any], labels: Labels) -> dict[str, Any]:
    """Counts and sums as shares with their intervals."""
    group = (row["cut_code"], row["cut_value"])
    sums = {name: int(value or 0) for name, value in row.items() if name not in ("cut_code", "cut_value")}
    label = labels.get(group, UNLABELLED)
    right, missed, right_variance, missed_variance = (
        sums[name] / MILLION for name in ("right_ppm", "missed_ppm", "right_variance_ppm", "missed_variance_ppm")
    )
    precision = expected_precision(sums["pairs_together"], right, right_variance)
    recall = expected_recall(right, missed, right_variance, missed_variance)
    return {
        **{name: value for name, value in sums.items() if name in SCHEMA.names},
        "cut_code": row["cut_code"],
        "cut_value": row["cut_value"],
        "unlinkable_share": _share(sums["clients"] - sums["linkable_clients"], sums["clients"]),
        "mean_confidence": _share(sums["confidence_millibits"] / 1000, sums["clients_in_clusters"]),
        "doubtful_share": _share(sums["doubtful_links"], sums["links"]),
        "labelled_pairs": label.pairs,
        "labels_set_aside": label.set_aside,
        "precision_source": _source(label.precision, precision),
        "recall_source": _source(label.recall, recall),
        **_columns("linked", wilson(sums["linked_clients"], sums["linkable_clients"])),
        **_columns("expected_precision", precision),
        **_columns("expected_recall", recall),
        **_columns("labelled_precision", label.precision),
        **_columns("labelled_recall", label.recall),
    }


def _source(by_labels: Estimate, by_model: Estimate) -> str | None:
    if by_labels.estimate is not None:
        return "labels"
    return None if by_model.estimate is None else "model"


def expected_precision(together: int, right: float, variance: float) -> Estimate:
    """The share of the pairs put together that the model expects to be right.

    `variance` is the sum of p(1 − p) over pair ends; twice it bounds the variance of a sum in which a pair may stand
    twice. The interval says what chance leaves open if the model is right, not whether it is.
    """
    if not together:
        return NOTHING
    return _normal(right / together, sqrt(2 * variance) / together)


def expected_recall(right: float, missed: float, right_variance: float, missed_variance: float) -> Estimate:
    """The share of the true pairs among all that were scored that were put together, as the model expects.

    Pairs that no blocking rule met, and pairs that a guard forbids, are not in it: an upper bound. The spread of a
    ratio r / (r + m) by the first terms of its series, with the variances doubled as above.
    """
    whole = right + missed
    if whole <= 0:
        return NOTHING
    spread = sqrt(2 * (missed**2 * right_variance + right**2 * missed_variance)) / whole**2
    return _normal(right / whole, spread)


def _normal(share: float, spread: float) -> Estimate:
    return Estimate(share, max(0.0, share - Z_95 * spread), min(1.0, share + Z_95 * spread))


def _columns(name: str, found: Estimate) -> dict[str, float | None]:
    return {name: found.estimate, f"{name}_lower": found.lower, f"{name}_upper": found.upper}


def _share(part: float, whole: int) -> float | None:
    return part / whole if whole else None
