"""Bare Splink on the identities of a lake: predict (block and score) and connected components, nothing of ours after.

Model, candidate keys and term frequencies are the nightly run's, so that both score the same pairs; making the keys is
shown as `prepare`, outside the ratio's denominator (block + score + cluster).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import duckdb

from linkage_rules.blocking import BlockingRule
from linkage_rules.bundle import Bundle, shipped_bundle
from linkage_rules.settings import Settings, with_blocking
from pipelines import sql
from pipelines.lake import Lake
from pipelines.link import scoring
from pipelines.link.candidates import TABLE, make_candidates

Made = TypeVar("Made")
Say = Callable[[str], None]


@dataclass(frozen=True)
class Prepared:
    """What Splink needs: a linker over the candidate table, the rules that it blocks by, the model."""

    linker: Any
    rules: Sequence[BlockingRule]
    settings: Settings


def measure(root: Path, say: Say | None = None) -> Stopwatch:
    """What prepare, block, score and cluster took; `say` is told of each as it ends."""
    bundle, seconds = shipped_bundle(), Stopwatch(say)
    with open_identities(Lake(root)) as connection:
        prepared = seconds.time("prepare", lambda: prepare(connection, bundle))
        inference = prepared.linker.inference
        seconds.time("block", inference.compute_blocked_pairs_for_predict)
        weight = bundle.thresholds.loose_weight
        scored = seconds.time("score", lambda: inference.predict(threshold_match_weight=weight))
        cluster = prepared.linker.clustering.cluster_pairwise_predictions_at_threshold
        seconds.time("cluster", lambda: cluster(scored, threshold_match_weight=bundle.thresholds.cut_weight))
    return seconds


def open_identities(lake: Lake) -> duckdb.DuckDBPyConnection:
    """A connection to a lake's standard.identities."""
    connection = sql.connect(lake.spill)
    sql.open_views(connection, lake, [("standard", "identities")])
    return connection


def prepare(connection: duckdb.DuckDBPyConnection, bundle: Bundle) -> Prepared:
    """The candidate keys, the frozen term frequencies and the model, as a night has them."""
    rules = make_candidates(connection)
    scoring.open_term_frequencies(connection, bundle)
    settings = scoring.population_settings(connection, bundle)
    linker = scoring.make_linker(connection, TABLE, with_blocking(settings, rules))
    scoring.register_term_frequencies(connection, linker, settings)
    return Prepared(linker, rules, settings)


class Stopwatch:
    """Seconds by step; `say` takes a progress line as each step ends, as `countylink run` prints them."""

    def __init__(self, say: Say | None = None) -> None:
        self.steps: dict[str, float] = {}
        self.processor: dict[str, float] = {}
        """Processor seconds of this process by step, which others on the machine move less."""
        self._say = say

    def time(self, step: str, make: Callable[[], Made]) -> Made:
        """Do a step, and keep how long it took."""
        began, worked = time.monotonic(), time.process_time()
        made = make()
        self.steps[step] = time.monotonic() - began
        self.processor[step] = time.process_time() - worked
        if self._say is not None:
            self._say(f"  {step:<26}{self.steps[step]:7.1f} s")
        return made
