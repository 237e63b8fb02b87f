"""Bare Splink on the identities of a lake: predict and connected components, and nothing of ours after.

Model, candidate keys and term frequencies are the nightly run's, so that both score the same pairs; making the keys is
shown as `prepare`, outside the ratio's denominator (predict + cluster).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from linkage_rules.bundle import shipped_bundle
from linkage_rules.settings import with_blocking
from pipelines import sql
from pipelines.lake import Lake
from pipelines.link import scoring
from pipelines.link.candidates import TABLE, make_candidates

Made = TypeVar("Made")


def measure(root: Path) -> None:
    """Print a line each for prepare, predict and cluster."""
    lake, bundle = Lake(root), shipped_bundle()
    with sql.connect(lake.spill) as connection:
        sql.open_views(connection, lake, [("standard", "identities")])
        rules = _timed("prepare", lambda: make_candidates(connection))
        scoring.open_term_frequencies(connection, bundle)
        settings = scoring.population_settings(connection, bundle)
        linker = scoring.make_linker(connection, TABLE, with_blocking(settings, rules))
        scoring.register_term_frequencies(connection, linker, settings)
        weight = bundle.thresholds.loose_weight
        scored = _timed("predict", lambda: linker.inference.predict(threshold_match_weight=weight))
        cluster = linker.clustering.cluster_pairwise_predictions_at_threshold
        _timed("cluster", lambda: cluster(scored, threshold_match_weight=bundle.thresholds.cut_weight))


def _timed(step: str, make: Callable[[], Made]) -> Made:
    began = time.monotonic()
    made = make()
    print(f"  {step:<26}{time.monotonic() - began:7.1f} s", flush=True)
    return made
