"""How alike two linkages of the same clients are, and whether Spark is there to make one."""

from __future__ import annotations

import shutil
from importlib.util import find_spec
from pathlib import Path

import polars as pl
import pytest

from pipelines.lake import Lake

needs_spark = pytest.mark.skipif(
    find_spec("pyspark") is None or shutil.which("java") is None,
    reason="Spark is not installed: `make environment-spark`, and Java 17",
)

OTHER_SPELLING_SHARE = 0.005
"""Links that may be weighed otherwise, and clients that may be in another person: the Jaro-Winkler of Splink's jar
counts transposed letters in halves, DuckDB's in wholes, so a name in some hundreds stands on a neighbouring level."""

SAME_BITS = 1e-6
"""Weights closer than this are the same: sums of the same terms by two engines."""


def copy_of(lake: Lake, root: Path) -> Lake:
    """A lake that has been standardised and no more."""
    shutil.copytree(lake.root / "standard", root / "standard")
    return Lake(root)


def share_weighed_otherwise(one: Lake, other: Lake) -> float:
    """Of all links of either lake, the share that the other lacks or weighs otherwise."""
    pair = ["identity_id_l", "identity_id_r"]
    links = [pl.read_parquet(lake.path("linked", "links")).select(*pair, "match_weight") for lake in (one, other)]
    both = links[0].join(links[1], on=pair, how="full", coalesce=True)
    apart = (both["match_weight"] - both["match_weight_right"]).abs().fill_null(float("inf")) > SAME_BITS
    return float(apart.mean() or 0.0)


def share_in_other_persons(one: Lake, other: Lake) -> float:
    """Share of clients that are not with exactly the same clients in both lakes."""
    clusters = [pl.read_parquet(lake.path("linked", "clusters")) for lake in (one, other)]
    together = [
        each.select(
            "client_key", others=pl.col("client_key").sort().implode().over("cluster_id", mapping_strategy="join")
        )
        for each in clusters
    ]
    both = together[0].join(together[1], on="client_key", how="full", coalesce=True)
    return float((both["others"] != both["others_right"]).fill_null(True).mean() or 0.0)


def rules_of(lake: Lake) -> dict[tuple[int, int], str]:
    """The rule that met each link."""
    links = pl.read_parquet(lake.path("linked", "links"))
    return {(left, right): rule for left, right, rule in links.select(pl.nth(0), pl.nth(1), "match_key").iter_rows()}
