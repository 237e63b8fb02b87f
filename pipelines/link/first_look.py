"""Leaves out the pairs that cannot reach a weight, before anything is compared that costs.

Belongs here: fetching what a first look reads, and looking, portion by portion on every core. Why nothing is lost
stands in `linkage_rules.first_look`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from linkage_rules.bundle import Bundle
from linkage_rules.first_look import Bound, Trait
from linkage_rules.settings import Settings, term_frequency_columns
from pipelines import sql
from pipelines.link.blocks import Flags, MetPairs
from pipelines.link.keys import TABLE, Places

PAIRS_AT_A_TIME = 1 << 16
"""Few enough that what is reckoned of them stays in a core's own memory."""


class FirstLook:
    """A first look at pairs of linkage.candidates, under a model."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, bundle: Bundle, settings: Settings, places: Places | None = None
    ) -> None:
        """`places` are those that will be looked at, ascending; default: any."""
        self._bound = Bound(settings)
        self._traits = _traits(connection, bundle, settings, self._bound.traits, places)
        self._places = places

    def of_two_clients(self, met: Iterable[MetPairs]) -> Iterator[MetPairs]:
        """The pairs of different clients, portion by portion; a client is never paired with itself."""
        clients = self._traits["client_key"]
        for portion in met:
            left, right = (self._rows(side) for side in portion.sides)
            yield portion.where(np.asarray(clients[left] != clients[right], dtype=bool))

    def plausible(self, met: Iterable[MetPairs], least_weight: float) -> Iterator[MetPairs]:
        """The pairs that can reach a weight, portion by portion."""
        with ThreadPoolExecutor(sql.DEFAULT_THREADS) as threads:
            for portion in met:
                slices = [slice(start, start + PAIRS_AT_A_TIME) for start in range(0, len(portion), PAIRS_AT_A_TIME)]
                look = partial(self._look, portion, least_weight)
                yield portion.where(np.concatenate([np.zeros(0, dtype=bool), *threads.map(look, slices)]))

    def _look(self, portion: MetPairs, least_weight: float, part: slice) -> Flags:
        left, right = self._rows(portion.left[part]), self._rows(portion.right[part])
        return self._bound.reaching(self._traits, left, right, least_weight)

    def _rows(self, places: Places) -> Places:
        return places if self._places is None else np.searchsorted(self._places, places)


def _traits(
    connection: duckdb.DuckDBPyConnection,
    bundle: Bundle,
    settings: Settings,
    traits: Iterable[Trait],
    places: Places | None,
) -> Mapping[str, npt.NDArray[np.generic]]:
    """An array for each trait, and the client keys, by place."""
    columns = term_frequency_columns(settings)
    joins = " ".join(
        f"left join read_parquet({sql.literal(str(bundle.term_frequencies(column)))}) as t_{column} using ({column})"
        for column in columns
    )
    frequencies = "".join(
        f", coalesce(t_{column}.tf_{column}, {bundle.unseen_value_frequency}) as tf_{column}" for column in columns
    )
    asked = "" if places is None else "where i.rowid in (select place from looked_at)"
    if places is not None:
        connection.register("looked_at", pa.table({"place": places}))
    shown = ", ".join(f"{trait.expression} as {trait.name}" for trait in traits)
    rows = connection.execute(
        f"with spoken as (select i.rowid as place, i.*{frequencies} from {TABLE} as i {joins} {asked}) "
        f"select place, client_key, {shown} from spoken"
    ).fetchnumpy()
    order = np.argsort(rows.pop("place"), kind="stable")
    return {name: np.ascontiguousarray(np.asarray(values)[order]) for name, values in rows.items()}
