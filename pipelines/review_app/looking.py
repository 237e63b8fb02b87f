"""What of the lake a reviewer is shown: two clients, and everybody of their persons. The look is recorded before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pyarrow as pa

from linkage_rules.bundle import Bundle, shipped_bundle
from pipelines import sql
from pipelines.errors import LakeError
from pipelines.lake import Lake
from pipelines.link import pinned, read_pin
from pipelines.link.decision_store import Client
from pipelines.review_app.judgements import Pair
from pipelines.review_app.sides import FIELDS, ONE_SIDE, Row, mark_of, values

PACKAGE = "pipelines.review_app"

TABLES = (("standard", "identities"), ("person_index", "person_of_client"))

CLIENT = pa.schema([("agency", pa.string()), ("client_id", pa.string())])


@dataclass(frozen=True)
class Cell:
    """A field of one client, with how it stands to the pair's first client."""

    values: tuple[str, ...]
    mark: str

    def __repr__(self) -> str:
        return f"Cell({self.mark})"


@dataclass(frozen=True)
class Mate:
    """A client of one of the two persons."""

    client: Client
    person: int
    """1 or 2: which of the persons shown; the person id means nothing to a reviewer."""
    is_of_pair: bool
    cells: tuple[Cell, ...]

    def __repr__(self) -> str:
        return f"Mate(person {self.person})"


def identities_of(lake: Lake, clients: Sequence[Client]) -> dict[Client, list[Row]]:
    """The identities of clients, as they were compared; LakeError if a client is not known any longer."""
    _need(lake)
    with sql.connect(lake.spill) as connection:
        sql.open_views(connection, lake, TABLES)
        connection.execute("create schema work")
        connection.register("asked_rows", _asked(clients))
        connection.execute("create table work.asked as from asked_rows")
        found = sql.relation(connection, PACKAGE, "client_values")
        rows = [dict(zip(found.columns, row, strict=True)) for row in found.fetchall()]
    told: dict[Client, list[Row]] = {client: [] for client in clients}
    for row in rows:
        told[row["agency"], row["client_id"]].append(row)
    return told


def persons_of(lake: Lake, pair: Pair) -> list[Mate]:
    """Everybody who is of one person with either client, the pair's own clients first."""
    _need(lake)
    with sql.connect(lake.spill) as connection:
        sql.open_views(connection, lake, TABLES)
        connection.execute("create schema work")
        connection.register("asked_rows", _asked(pair))
        connection.execute("create table work.asked as from asked_rows")
        found = sql.relation(connection, PACKAGE, "clients_of_persons").fetchall()
    numbers = {person: place for place, person in enumerate(sorted({row[0] for row in found}), start=1)}
    told = identities_of(lake, [(agency, client_id) for _, agency, client_id in found])
    mates = [
        Mate(
            (agency, client_id),
            numbers[person],
            (agency, client_id) in pair,
            _cells(told, pair[0], (agency, client_id)),
        )
        for person, agency, client_id in found
    ]
    return sorted(mates, key=lambda mate: (mate.person, not mate.is_of_pair, mate.client))


def bundle_of_lake(lake: Lake) -> Bundle:
    """The model that the lake is linked with."""
    told = read_pin(lake)
    return pinned(lake, told) if told else shipped_bundle()


def _cells(told: dict[Client, list[Row]], first: Client, own: Client) -> tuple[Cell, ...]:
    cells = []
    for name in FIELDS:
        mark = "" if own == first else mark_of(name, told[own], told.get(first, []))
        cells.append(Cell(tuple(values(told[own], name)), "" if mark == ONE_SIDE else mark))
    return tuple(cells)


def _asked(clients: Iterable[Client]) -> pa.Table:
    named = list(clients)
    return pa.table({"agency": [a for a, _ in named], "client_id": [c for _, c in named]}, schema=CLIENT)


def _need(lake: Lake) -> None:
    if not all(lake.has(zone, table) for zone, table in TABLES):
        raise LakeError("the lake is being made anew by a run; wait until it has ended")
