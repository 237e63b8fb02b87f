"""Labels that are kept in the lake: every later run tells precision and recall by them, group by group.

`<lake>/review/labels.parquet` holds the labels of one sample (pair_id, label); those of a newer sample take their
place. What a run makes of them: of the pairs of the sample's frame, how this run put them together. A label speaks as
long as both clients are seen with just what the reviewer saw; of the others it is set aside and counted, and its
stratum's remaining labels stand for it. After a change of the model, draw anew: pairs that the new model alone puts
together were hardly in the old frame.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pyarrow as pa

from pipelines import intervals, sql
from pipelines.lake import Lake, replacing
from pipelines.link.decision_store import in_force, recorded
from pipelines.person_index import Labelled
from pipelines.review.estimate import LEAST_IN_CUT, Labels, design_of
from pipelines.review.intervals import exact_share
from pipelines.review.sample import sample_folder

PACKAGE = "pipelines.review"

NEEDED = [("standard", "identities"), ("linked", "clusters"), ("person_index", "client_attributes")]

Row = Mapping[str, Any]


def keep_labels(lake: Lake, labels: Labels) -> int:
    """Keep the clear labels of a sample for the runs to come, in the place of any others; returns how many."""
    clear = labels.clear.select("pair_id", "label").sort("pair_id")
    with replacing(_file(lake)) as staged:
        staged.touch(mode=0o600)
        clear.write_parquet(staged, compression="zstd")
    return clear.height


def labels_sha256(lake: Lake) -> str:
    """SHA-256 over the labels that are kept: part of what a run's figures are made from."""
    digest = hashlib.sha256()
    if _file(lake).exists():
        for row in pl.read_parquet(_file(lake)).iter_rows():
            digest.update("\0".join(map(str, row)).encode() + b"\n")
    return digest.hexdigest()


def labels_by_group(lake: Lake) -> dict[tuple[str, str], Labelled]:
    """What the kept labels say of the linkage as it now stands: (cut, value) → precision, recall; nothing without any.

    The shares are told where at least 30 labels bear on them, with Clopper and Pearson's interval at Kish's effective
    size (Korn & Graubard 1998, Survey Methodology 24:193): labels of a stratum count for the pairs it stands for.
    """
    if not _file(lake).exists():
        return {}
    with sql.connect(lake.spill) as connection:
        _open(connection, lake)
        sql.create(connection, "review", PACKAGE, "labelled_pairs")
        pairs = _weighted(connection.sql("from review.labelled_pairs").pl(), design_of(_folder(lake)))
        groups: pl.DataFrame = sql.relation(connection, PACKAGE, "label_groups").pl()
    joined = groups.join(pairs, on="pair_id").sort("cut_code", "cut_value", "pair_id")
    parts = joined.partition_by("cut_code", "cut_value", as_dict=True)
    return {(str(cut), str(value)): _told(own.to_dicts()) for (cut, value), own in parts.items()}


def _file(lake: Lake) -> Path:
    return lake.root / "review" / "labels.parquet"


def _folder(lake: Lake) -> Path:
    """The folder of the sample that the kept labels are of."""
    first = pl.read_parquet(_file(lake))["pair_id"][0]
    return sample_folder(lake, str(first).partition("-")[0])


def _open(connection: duckdb.DuckDBPyConnection, lake: Lake) -> None:
    sql.open_views(connection, lake, NEEDED)
    connection.execute("create schema review")
    for name, path in (("labels", _file(lake)), ("key", _folder(lake) / "key.parquet")):
        connection.execute(f"create view review.{name} as from read_parquet({sql.literal(str(path))})")
    columns = ("agency_l", "client_id_l", "agency_r", "client_id_r")
    said = [one for one in in_force(recorded(lake)) if one.decision_code != "unsure"]
    decided = {name: pa.array([getattr(one, name) for one in said], pa.string()) for name in columns}
    connection.register("decided_pairs", pa.table(decided))
    connection.execute("create table review.decided as from decided_pairs")


def _weighted(pairs: pl.DataFrame, design: Row) -> pl.DataFrame:
    """Each pair with how many pairs of its stratum it stands for; one that is set aside stands for none."""
    standing = dict(pairs.filter("is_unchanged").group_by("stratum").len().iter_rows())
    weights = [
        design["strata"][stratum]["pairs"] / standing[stratum] if is_unchanged else 0.0
        for stratum, is_unchanged in pairs.select("stratum", "is_unchanged").iter_rows()
    ]
    return pairs.with_columns(pl.Series("design_weight", weights, dtype=pl.Float64))


def _told(rows: Iterable[Row]) -> Labelled:
    standing = [row for row in rows if row["is_unchanged"]]
    return Labelled(
        pairs=len(standing),
        set_aside=sum(not row["is_unchanged"] for row in rows),
        precision=_share([row for row in standing if row["is_together"]], "is_same"),
        recall=_share([row for row in standing if row["is_same"]], "is_together"),
    )


def _share(rows: list[Row], met: str) -> intervals.Estimate:
    if len(rows) < LEAST_IN_CUT:
        return intervals.NOTHING
    found = exact_share([row["design_weight"] for row in rows], [row[met] for row in rows])
    return intervals.Estimate(found.estimate, found.lower, found.upper)
