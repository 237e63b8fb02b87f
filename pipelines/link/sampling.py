"""How often two different persons agree by chance (u), counted on a seeded sample of random pairs.

Splink samples one comparison at a time on one thread; one pass over all ladders gives the same counts in a tenth of
the time. Pairs are met by shifting the table against itself, so every identity stands in as many pairs as any other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import duckdb
import numpy as np

from linkage_rules.comparisons import Ladder
from pipelines import sql

Chances = Mapping[tuple[str, str], float]
"""(ladder, level) → share of the comparable random pairs that stand on it."""


def chance_agreements(
    connection: duckdb.DuckDBPyConnection, ladders: Sequence[Ladder], max_pairs: int, seed: int
) -> Chances:
    """The share of random pairs on each level of each ladder, among those that can be compared."""
    _sample(connection, max_pairs, seed)
    columns = sorted(column for (column, *_) in connection.execute("describe standard.identities").fetchall())
    sides = ", ".join(f"l.{column} as {column}_l, r.{column} as {column}_r" for column in columns)
    rungs = ", ".join(f"{_rung(ladder)} as {ladder.name}" for ladder in ladders)
    connection.execute(
        f"create or replace temp table sampled_rungs as select {rungs} from (select {sides} from sampled_pairs as p "
        "inner join numbered as l on p.one = l.place inner join numbered as r on p.other = r.place)"
    )
    return {key: share for ladder in ladders for key, share in _shares(connection, ladder).items()}


def _sample(connection: duckdb.DuckDBPyConnection, max_pairs: int, seed: int) -> None:
    connection.execute(
        "create or replace temp table numbered as "
        "select (row_number() over (order by identity_id) - 1)::integer as place, * from standard.identities"
    )
    population = sql.count(connection, "numbered")
    shifts = np.arange(1, max(2, (population - 1) // 2 + 1))
    wanted = min(len(shifts), max(1, max_pairs // max(population, 1)))
    chosen = sorted(int(shift) for shift in np.random.default_rng(seed).choice(shifts, wanted, replace=False))
    connection.execute(
        "create or replace temp table sampled_pairs as "
        "select n.place as one, ((n.place + s.shift) % $population)::integer as other "
        "from numbered as n, (select unnest($shifts) as shift) as s",
        {"population": population, "shifts": chosen},
    )


def _rung(ladder: Ladder) -> str:
    """The number of the level that a pair stands on."""
    cases = " ".join(
        f"when {level.sql} then {place}" for place, level in enumerate(ladder.levels) if level.sql != "ELSE"
    )
    return f"(case {cases} else {len(ladder.levels) - 1} end)::tinyint"


def _shares(connection: duckdb.DuckDBPyConnection, ladder: Ladder) -> dict[tuple[str, str], float]:
    """Levels never met count as half a pair: seldom, but not never."""
    rows = connection.execute(f"select {ladder.name}, count(*) from sampled_rungs group by 1").fetchall()
    counts = {int(place): int(pairs) for place, pairs in rows}
    comparable = [place for place, level in enumerate(ladder.levels) if not level.is_null]
    total = max(1, sum(counts.get(place, 0) for place in comparable))
    return {
        (ladder.name, ladder.levels[place].label): max(counts.get(place, 0), 0.5) / (total + 1) for place in comparable
    }
