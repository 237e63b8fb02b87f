"""Draw a blind sample of pairs for reviewers, sized for a stated precision.

The reviewers' file has both sides of each pair in an order that tells nothing: no weight, no rule, no cluster. What
ties a pair to its stratum stays in the lake, `review/<sample_id>/`: `key.parquet` (grain: sampled pair) and
`design.json`. The same lake, seed and precision give the same sample.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import polars as pl

from linkage_rules.bundle import Bundle
from pipelines import sql
from pipelines.errors import LakeError
from pipelines.lake import Lake, new_folder, replacing
from pipelines.review.design import FLOOR_WEIGHT, Stratum, allocate, draw, strata_of
from pipelines.review.frame import NEEDED, make_frame
from pipelines.spreadsheets import write_rows

PACKAGE = "pipelines.review"

DESIGN = "design.json"


@dataclass(frozen=True)
class SampleReport:
    """Counts of one sample; no value of any record."""

    sample_id: str
    frame_pairs: int
    sampled_pairs: int
    half_width: float
    strata: tuple[tuple[Stratum, int], ...]
    """Each stratum with how many of its pairs were drawn."""


def draw_sample(lake: Lake, bundle: Bundle, out: Path, half_width: float, seed: int) -> SampleReport:
    """Score the candidates down to the floor, draw, write the reviewers' file to `out` and the key into the lake.

    Args:
        lake: has `standard` and `linked`.
        bundle: the model that the pairs are weighed with: the one that the last run used.
        out: CSV or Parquet, by its suffix; identified, readable by its owner alone.
        half_width: of the 95 % intervals of precision and recall.
        seed: of the draw and of the order.

    Raises:
        LakeError: a table is not there yet, or nothing can be drawn.
    """
    if not 0 < half_width < 0.5:
        raise LakeError("the precision of a sample is the half width of an interval, such as 0.02")
    for zone, table in NEEDED:
        if not lake.has(zone, table):
            raise LakeError(f"{zone}/{table} is not there yet; run the nightly job first")
    with sql.connect(lake.spill, places=[bundle.folder]) as connection:
        kept_ppm = make_frame(connection, lake, bundle, seed)
        strata = strata_of(_rows(sql.relation(connection, PACKAGE, "strata", {"kept_ppm": kept_ppm})))
        if not strata:
            raise LakeError("there is no pair to draw: no two clients were put together, and none came close")
        sizes = allocate(strata, half_width)
        frame = _frame(connection)
        chosen = _chosen(frame, strata, sizes, seed)
        sample_id = _sample_id(frame, half_width, seed)
        pairs = _in_random_order(frame[chosen], sample_id, seed)
        _write_reviewers_file(connection, pairs, out)
        report = SampleReport(
            sample_id,
            sum(one.pairs for one in strata),
            pairs.height,
            half_width,
            tuple(zip(strata, sizes, strict=True)),
        )
        weights = _rows(sql.relation(connection, PACKAGE, "frame_weights"))
        _write_key(lake, report, _with_contents(connection, pairs), bundle, seed, weights)
        return report


def _frame(connection: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    order = "is_linked desc, is_met desc, band, has_ssn, client_key_l, client_key_r"
    rows: pl.DataFrame = connection.sql(f"from review.pair_frame order by {order}").pl()
    return rows


def _chosen(frame: pl.DataFrame, strata: Sequence[Stratum], sizes: Sequence[int], seed: int) -> list[int]:
    """Positions of the drawn pairs; the frame is in the order of the strata."""
    groups = (frame["agency_pair"] + "|" + frame["ethnicity"]).to_list()
    chosen: list[int] = []
    start = 0
    for number, (stratum, size) in enumerate(zip(strata, sizes, strict=True)):
        rng = np.random.default_rng([seed, number])
        chosen += (start + draw(groups[start : start + stratum.rows], size, rng)).tolist()
        start += stratum.rows
    return chosen


def _in_random_order(pairs: pl.DataFrame, sample_id: str, seed: int) -> pl.DataFrame:
    """The pairs as reviewers meet them: shuffled, sides too, numbered in that order."""
    rng = np.random.default_rng([seed, 2**31])
    shuffled: pl.DataFrame = pairs[rng.permutation(pairs.height).tolist()]
    is_turned = pl.Series("is_turned", rng.random(pairs.height) < 0.5)
    numbers = [f"{sample_id}-{number:05d}" for number in range(1, pairs.height + 1)]
    left, right = pl.col("client_key_l"), pl.col("client_key_r")
    return shuffled.with_columns(
        pl.Series("pair_id", numbers, dtype=pl.String),
        pl.when(is_turned).then(right).otherwise(left).alias("client_key_1"),
        pl.when(is_turned).then(left).otherwise(right).alias("client_key_2"),
    )


def _write_reviewers_file(connection: duckdb.DuckDBPyConnection, pairs: pl.DataFrame, out: Path) -> None:
    """pair_id, label, note, then each field of both sides next to each other."""
    connection.register("sampled_pairs", pairs.select("pair_id", "client_key_1", "client_key_2").to_arrow())
    connection.execute(
        "create table review.sampled_clients as "
        "select client_key_1 as client_key from sampled_pairs union select client_key_2 from sampled_pairs"
    )
    sql.create(connection, "review", PACKAGE, "reviewer_sides")
    names = [row[0] for row in connection.execute("describe review.reviewer_sides").fetchall()]
    sides = ", ".join(f"one.{name} as {name}_1, other.{name} as {name}_2" for name in names if name != "client_key")
    rows = connection.sql(
        f"select pair_id, ''::varchar as label, ''::varchar as note, {sides} from sampled_pairs "
        "inner join review.reviewer_sides as one on client_key_1 = one.client_key "
        "inner join review.reviewer_sides as other on client_key_2 = other.client_key order by pair_id"
    )
    with replacing(out) as staged:
        if out.suffix == ".parquet":
            rows.write_parquet(str(staged), compression="zstd")
        else:
            with staged.open("w", encoding="utf-8", newline="") as file:
                write_rows(file, rows.columns, rows.fetchall())
        staged.chmod(0o600)  # DuckDB puts a file of its own in the place of the one it is given


def _with_contents(connection: duckdb.DuckDBPyConnection, pairs: pl.DataFrame) -> pl.DataFrame:
    """The pairs with the content of both sides, by which a label is known to be of clients as they still are."""
    contents: pl.DataFrame = sql.relation(connection, PACKAGE, "client_contents").pl()
    for side in ("l", "r"):
        own = contents.rename({"client_key": f"client_key_{side}", "content": f"content_{side}"})
        pairs = pairs.join(own, on=f"client_key_{side}", how="left")
    return pairs


def _write_key(
    lake: Lake,
    report: SampleReport,
    pairs: pl.DataFrame,
    bundle: Bundle,
    seed: int,
    weights: Sequence[Mapping[str, Any]],
) -> None:
    """The key: each drawn pair with its stratum, its chance, and what its clients were then."""
    folder = sample_folder(lake, report.sample_id)
    if folder.exists():
        return  # the same lake, seed and precision: the same sample
    numbers = {(s.is_linked, s.is_met, s.band, s.has_ssn): place for place, (s, _) in enumerate(report.strata)}
    chances = [size / stratum.pairs for stratum, size in report.strata]
    strata = [numbers[row] for row in pairs.select("is_linked", "is_met", "band", "has_ssn").iter_rows()]
    key = pairs.with_columns(
        pl.Series("stratum", strata, dtype=pl.Int64),
        pl.Series("inclusion_probability", [chances[number] for number in strata], dtype=pl.Float64),
    ).drop("client_key_1", "client_key_2")
    design = {
        "sample_id": report.sample_id,
        "seed": seed,
        "half_width": report.half_width,
        "bundle_version": bundle.version,
        "floor_weight": FLOOR_WEIGHT,
        "strata": [asdict(stratum) | {"name": stratum.name, "sampled": size} for stratum, size in report.strata],
        "frame_weights": [dict(row) for row in weights],
    }
    with new_folder(folder) as staged:
        key.write_parquet(staged / "key.parquet", compression="zstd")
        (staged / DESIGN).write_text(json.dumps(design, indent=1) + "\n", encoding="utf-8")


def sample_folder(lake: Lake, sample_id: str) -> Path:
    """Where the key of a sample lies."""
    return lake.root / "review" / sample_id


def _sample_id(frame: pl.DataFrame, half_width: float, seed: int) -> str:
    """A name that depends on what was drawn from and how, and on nothing else."""
    digest = hashlib.sha256(f"{seed}|{half_width}".encode())
    for name in ("client_key_l", "client_key_r", "is_linked"):
        digest.update(frame[name].cast(pl.Int64).to_numpy().tobytes())
    return digest.hexdigest()[:10]


def _rows(relation: duckdb.DuckDBPyRelation) -> list[dict[str, Any]]:
    return [dict(zip(relation.columns, row, strict=True)) for row in relation.fetchall()]
