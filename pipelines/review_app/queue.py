"""Which pairs are worth a reviewer's look, the one worth most first.

    value = chance that the linkage is wrong about the pair × dollars that rest on it

*Chance*. A weight w is log2 odds, so a pair is one person with probability p = 1 / (1 + 2^-w). A pair that is together
is wrong with 1 - p, where w is the better of its own weight and that of the best chain over one third client: two
records that say little of each other are one person because of a third. A pair that is apart is wrong with p, at most
one half (`most_chance_wrong_apart`): what scores high and is apart was kept apart by a guard or by its whole component.

*Dollars*. What the contracts' clauses pay a unit, at the base thresholds and before caps, times the units that the rows
of both clients' persons earned or missed; and a small sum for each row of a measure (`measure_row_usd`), since
published results rest on rows that nobody pays for too. It is the most that the answer can move, not what it will: a
merge that changes no outcome moves nothing. To know that, every measure would have to be made anew for every pair.

So this is the expected value of perfect information under a decision "together or apart" with symmetric losses (Raiffa
and Schlaifer 1961): the expected loss of going on as it is, which a correct answer saves. A pair of even odds on which
nothing rests comes after a pair of one in a hundred on which a provider's payment does.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb

from pipelines import sql
from pipelines.contracts.state import OUTCOME_CONTRACTS, load_terms, open_terms
from pipelines.errors import LakeError
from pipelines.lake import Lake
from pipelines.review_app.judgements import Pair
from pipelines.review_app.terms import Terms

PACKAGE = "pipelines.review_app"

NEEDED = (("linked", "links"), ("person_index", "person_of_client"), ("standard", "identities"))

OUTCOMES = (("outcomes", "person_measures"), ("contracts", "payments_by_threshold"))
"""What tells the money; a lake that has only been linked so far has neither, and its queue is by doubt alone."""

NO_STAKES = "create table work.stakes (person_id bigint, paid_usd double, measure_rows bigint)"


@dataclass(frozen=True)
class Queued:
    """A pair worth a look. `match_weight` in bits; `value_usd` is chance × stake."""

    agency_l: str
    client_id_l: str
    agency_r: str
    client_id_r: str
    match_weight: float | None
    match_key: str | None
    guard: str | None
    identity_id_l: int | None
    identity_id_r: int | None
    is_together: bool
    chance_wrong: float
    stake_usd: float
    value_usd: float

    @property
    def pair(self) -> Pair:
        """Both clients, smaller first."""
        one, other = sorted([(self.agency_l, self.client_id_l), (self.agency_r, self.client_id_r)])
        return one, other

    @property
    def evidence(self) -> dict[str, Any]:
        """What is kept with a judgement: everything but who the clients are."""
        named = {"agency_l", "client_id_l", "agency_r", "client_id_r"}
        return {name: value for name, value in asdict(self).items() if name not in named}


def read_queue(lake: Lake, terms: Terms, outcome_contracts: Path = OUTCOME_CONTRACTS) -> list[Queued]:
    """The doubtful pairs of the last run by value; who decided what is not looked at here.

    Raises:
        LakeError: the lake has no links yet.
    """
    if not all(lake.has(zone, table) for zone, table in NEEDED):
        raise LakeError("the lake has no links yet, or a run is making them anew; run the nightly job first")
    with sql.connect(lake.spill, places=[outcome_contracts]) as connection:
        sql.open_views(connection, lake, NEEDED)
        sql.create(connection, "work", PACKAGE, "spoken_pairs")
        _open_stakes(connection, lake, outcome_contracts)
        return queue_of(connection, terms)


def queue_of(connection: duckdb.DuckDBPyConnection, terms: Terms) -> list[Queued]:
    """The queue, of work.spoken_pairs and work.stakes."""
    sql.create(connection, "work", PACKAGE, "held_pairs", {"settled_weight": terms.settled_weight})
    asked = {
        "most_chance_wrong_apart": terms.most_chance_wrong_apart,
        "least_chance_wrong": terms.least_chance_wrong,
        "least_stake_usd": terms.least_stake_usd,
        "measure_row_usd": terms.measure_row_usd,
        "most_pairs": terms.queue_most_pairs,
    }
    found = sql.relation(connection, PACKAGE, "queue", asked)
    return [Queued(**dict(zip(found.columns, row, strict=True))) for row in found.fetchall()]


def _open_stakes(connection: duckdb.DuckDBPyConnection, lake: Lake, outcome_contracts: Path) -> None:
    if not all(lake.has(zone, table) for zone, table in OUTCOMES):
        connection.execute(NO_STAKES)
        return
    sql.open_views(connection, lake, OUTCOMES)
    open_terms(connection, load_terms(outcome_contracts))
    sql.create(connection, "work", PACKAGE, "unit_prices")
    sql.create(connection, "work", PACKAGE, "stakes")
