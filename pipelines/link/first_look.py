"""Leaves out the pairs that cannot reach a weight, before anything is compared that costs.

Belongs here: reading the traits that a first look goes by, and looking, portion by portion on every core. Why nothing
is lost stands in `linkage_rules.first_look`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import duckdb
import numpy as np

from linkage_rules.bundle import Bundle
from linkage_rules.first_look import Bound
from linkage_rules.settings import Settings, term_frequency_columns
from pipelines import sql
from pipelines.link.blocks import Flags, MetPairs
from pipelines.link.places import IDENTITIES, Columns, Numbers, read_columns

PAIRS_AT_A_TIME = 1 << 16
"""Few enough that what is reckoned of them stays in a core's own memory."""


class FirstLook:
    """A first look at pairs of identities, by their traits; client keys by place tell who is of one client."""

    def __init__(self, bound: Bound, traits: Columns, client_keys: Numbers) -> None:
        self._bound = bound
        self._traits = traits
        self._client_keys = client_keys

    def of_two_clients(self, met: Iterable[MetPairs]) -> Iterator[MetPairs]:
        """The pairs of different clients, portion by portion; a client is never paired with itself."""
        for portion in met:
            left, right = (self._client_keys[side] for side in portion.sides)
            yield portion.where(np.asarray(left != right, dtype=bool))

    def plausible(self, met: Iterable[MetPairs], least_weight: float) -> Iterator[MetPairs]:
        """The pairs that can reach a weight, portion by portion."""
        with ThreadPoolExecutor(sql.DEFAULT_THREADS) as threads:
            for portion in met:
                slices = [slice(start, start + PAIRS_AT_A_TIME) for start in range(0, len(portion), PAIRS_AT_A_TIME)]
                look = partial(self._look, portion, least_weight)
                yield portion.where(np.concatenate([np.zeros(0, dtype=bool), *threads.map(look, slices)]))

    def _look(self, portion: MetPairs, least_weight: float, part: slice) -> Flags:
        return self._bound.reaching(self._traits, portion.left[part], portion.right[part], least_weight)


def read_traits(
    connection: duckdb.DuckDBPyConnection, bundle: Bundle, settings: Settings, bound: Bound, table: str = IDENTITIES
) -> Columns:
    """The traits that a bound asks for, of a table of identities, by ascending id."""
    columns = term_frequency_columns(settings)
    joins = " ".join(
        f"left join read_parquet({sql.literal(str(bundle.term_frequencies(column)))}) as t_{column} using ({column})"
        for column in columns
    )
    frequencies = "".join(
        f", coalesce(t_{column}.tf_{column}, {bundle.unseen_value_frequency}) as tf_{column}" for column in columns
    )
    spoken = f"(select i.*{frequencies} from {table} as i {joins})"
    rows = read_columns(connection, spoken, {trait.name: trait.expression for trait in bound.traits})
    return {name: values for name, values in rows.items() if name != "identity_id"}
