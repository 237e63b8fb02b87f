"""Leaves out the pairs that cannot reach a weight, before anything is compared that costs.

Belongs here: fetching what a first look reads, and looking, portion by portion on every core. Why nothing is lost stands
in `linkage_rules.first_look`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor

import duckdb
import numpy as np
import numpy.typing as npt

from linkage_rules.first_look import SLACK, Bound, View
from linkage_rules.settings import Settings, term_frequency_columns
from pipelines import sql
from pipelines.link.blocks import MetPairs
from pipelines.link.keys import TABLE

PAIRS_AT_A_TIME = 1 << 16
"""Few enough that what is reckoned of them stays in a core's own memory."""

Arrays = Mapping[str, npt.NDArray[np.generic]]


class FirstLook:
    """A first look at pairs of linkage.numbered, under a model."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
        self._bound = Bound(settings)
        self._traits = _traits(connection, self._bound, settings)

    def plausible(self, met: Iterable[MetPairs], least_weight: float) -> Iterator[MetPairs]:
        """The pairs that can reach a weight and are of different clients, portion by portion."""
        with ThreadPoolExecutor(sql.DEFAULT_THREADS) as threads:
            for portion in met:
                slices = [slice(start, start + PAIRS_AT_A_TIME) for start in range(0, len(portion), PAIRS_AT_A_TIME)]
                kept = list(threads.map(lambda part, pairs=portion: self._look(pairs, part, least_weight), slices))
                yield portion.where(np.concatenate(kept) if kept else np.zeros(0, dtype=bool))

    def _look(self, portion: MetPairs, part: slice, least_weight: float) -> npt.NDArray[np.bool_]:
        left, right = portion.left[part], portion.right[part]
        view = View(self._traits, left, right)
        other_client = self._traits["client_key"][left] != self._traits["client_key"][right]
        return np.asarray(other_client & (self._bound.of(view, len(left)) >= least_weight - SLACK), dtype=bool)


def _traits(connection: duckdb.DuckDBPyConnection, bound: Bound, settings: Settings) -> Arrays:
    """An array for each trait, and the client keys, by place."""
    joins = " ".join(
        f"left join linkage.tf_{column} as t_{column} on n.{column} = t_{column}.{column}"
        for column in term_frequency_columns(settings)
    )
    frequencies = "".join(f", t_{column}.tf_{column}" for column in term_frequency_columns(settings))
    traits = ", ".join(f"{trait.expression} as {trait.name}" for trait in bound.traits)
    rows = connection.execute(
        f"with spoken as (select n.*{frequencies} from {TABLE} as n {joins}) select place, client_key, {traits} from spoken"
    ).fetchnumpy()
    order = np.argsort(rows.pop("place"), kind="stable")
    return {name: np.ascontiguousarray(np.asarray(values)[order]) for name, values in rows.items()}
