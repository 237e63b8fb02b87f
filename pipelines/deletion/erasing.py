"""Deleting: deliveries without the clients, what people said of them unnamed, releases and products withdrawn.

Every step may be done again: a deletion that was killed is taken up where it was (`pending.py`).
"""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import duckdb

from pipelines import sql
from pipelines.deletion.beyond import Beyond
from pipelines.deletion.clients import Client, deliveries_of
from pipelines.deletion.pending import Pending, read_pending, write_pending
from pipelines.deletion.proving import own_values
from pipelines.deletion.withdrawing import keys_in, releases_of, withdraw_release
from pipelines.errors import LakeError
from pipelines.forgotten import CLIENT, SHARED, Forgotten, open_forgotten, remember
from pipelines.ingest import deliveries, forget_in
from pipelines.ingest.delivery import FILE, Delivery, delivery_text
from pipelines.ingest.seals import is_sealed, seal, unseal
from pipelines.lake import PAST_DAYS, Lake, replacing
from pipelines.link.decision_store import store_folder
from pipelines.products.keys import key_numbered, key_numbers
from pipelines.products.store import builds, withdraw_builds
from pipelines.products.vault import vault_ids
from pipelines.publish.latest import PRODUCT
from pipelines.publish.person_keys import open_key_ring
from pipelines.standardise import load_macros
from schemas.data_contract import DataContracts

REMADE = ("validated", "quarantine", "standard", "linked", "episodes", "outcomes", "contracts")
"""Zones that a run makes anew from `raw`, the person index and what people decided."""

KEPT = {("linked", "model")}
"""What no run makes anew: the lake's pinned model, which holds nobody."""

DELETED = "deleted"
"""What stands in place of a client id, before the number of its deletion."""

ENDS = ("", "_l", "_r")
"""What the columns that name a client end in; a pair has a left and a right one."""


@dataclass
class Erasure:
    """What was deleted so far; the values that only these clients had are kept in memory until it is proved."""

    clients: tuple[Client, ...]
    number: int
    """Of the deletion; the clients are called by it from now on."""
    rows: Counter[str] = field(default_factory=Counter)
    """By `raw/<agency>/<table>`, `decisions`, `review`, `releases`, `products`."""
    persons: frozenset[int] = frozenset()
    values: frozenset[str] = frozenset()
    beyond: Beyond = field(default_factory=Beyond)
    """Where the clients were found, of what a deletion does not reach."""
    begun_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    numbers: tuple[int, ...] = ()
    """Under which it was tried, the present one last."""
    rewritten: set[Path] = field(default_factory=set)
    """What people said of others too, and now names a number in the clients' place."""

    def __repr__(self) -> str:
        return f"Erasure({len(self.clients)} clients, number {self.number})"


def erase(lake: Lake, contracts: DataContracts, clients: Sequence[Client]) -> Erasure:
    """Delete clients from everything that no run makes anew; a run must follow, then `conclude`. Needs the lock.

    Raises:
        LakeError: another deletion was begun and not ended; name its clients, `read_pending` has them.
    """
    begun = _begun(lake, contracts, tuple(clients))
    known = open_forgotten(lake)
    known = known.with_tokens(_tokens(known, contracts, clients))
    erasure = Erasure(
        begun.clients, 0, persons=begun.persons, values=begun.values, beyond=begun.beyond, begun_at=begun.begun_at
    )
    known = _from_raw(lake, contracts, known, erasure)
    erasure.number = remember(lake, sorted(known.tokens), {"clients": len(clients)})
    erasure.numbers = (*begun.numbers, erasure.number)
    write_pending(lake, replace(begun, numbers=erasure.numbers))
    _from_what_people_said(lake, erasure)
    _from_reviews(lake, erasure)
    _from_releases(lake, erasure)
    _from_products(lake, erasure)
    _clear_what_is_remade(lake)
    return erasure


def _begun(lake: Lake, contracts: DataContracts, clients: tuple[Client, ...]) -> Pending:
    """What this deletion began with, now or before it was killed."""
    pending = read_pending(lake)
    if pending is None:
        beyond = Beyond(deliveries=deliveries_of(lake, contracts, clients))
        pending = Pending(clients, _persons_ever(lake, clients), own_values(lake, contracts, clients), beyond)
        write_pending(lake, pending)
    elif pending.clients != clients:
        raise LakeError("a deletion was begun and not ended; run `countylink delete --resume` first")
    return pending


def _tokens(known: Forgotten, contracts: DataContracts, clients: Sequence[Client]) -> list[str]:
    spaces = {
        agency: {column.also_shared_id for one in contracts.of(agency) for column in one.columns}
        for agency in contracts.agencies
    }
    own = [known.token(CLIENT, agency, client_id) for agency, client_id in clients]
    quoted = [
        known.token(SHARED, space, client_id) for agency, client_id in clients for space in spaces[agency] if space
    ]
    return own + quoted


def _from_raw(lake: Lake, contracts: DataContracts, known: Forgotten, erasure: Erasure) -> Forgotten:
    """Take the clients out of every delivery, until no delivery tells of a row that another one points at."""
    while True:
        before = len(known.tokens)
        for delivery in deliveries(lake):
            known = known.with_tokens(_from_delivery(lake, delivery, contracts, known, erasure))
        if len(known.tokens) == before:
            return known


def _from_delivery(
    lake: Lake, delivery: Delivery, contracts: DataContracts, known: Forgotten, erasure: Erasure
) -> set[str]:
    folder = delivery.folder(lake)
    left, found = forget_in(folder, delivery, contracts.of(delivery.agency), known, partial(unseal, folder))
    if found.has_changed:
        erasure.beyond.deliveries.add(delivery.delivery_id)
        _note(lake, erasure)
        with replacing(folder / FILE) as staged:
            staged.write_text(delivery_text(left), encoding="utf-8")
    if not is_sealed(folder):
        seal(folder)
    for table, rows in found.rows.items():
        erasure.rows[f"raw/{delivery.agency}/{table}"] += rows
    erasure.rows["raw/quotes"] += found.cells
    return found.tokens


def _from_what_people_said(lake: Lake, erasure: Erasure) -> None:
    """Decisions and choices stay, for they explain what became of others; of these clients only a number is left."""
    for path in sorted(store_folder(lake).rglob("[!.]*.json")):
        document = json.loads(path.read_text(encoding="utf-8"))
        said = [row for rows in document.values() if isinstance(rows, list) for row in rows if isinstance(row, dict)]
        changed = sum(_unname(row, erasure) for row in said)
        if any(_is_unnamed(row, erasure) for row in said):  # now, or before this deletion was cut off
            erasure.rewritten.add(path)
        if changed:
            with replacing(path) as staged:
                staged.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
            erasure.rows["decisions"] += changed


def _is_unnamed(row: Mapping[str, Any], erasure: Erasure) -> bool:
    words = tuple(f"{DELETED}-{number}-" for number in erasure.numbers)
    return any(str(row.get(f"client_id{end}")).startswith(words) for end in ENDS)


def _unname(row: dict[str, Any], erasure: Erasure) -> bool:
    """Put the deletion's number in place of a client, and take out free words beside it."""
    named = {one: f"{DELETED}-{erasure.number}-{at}" for at, one in enumerate(erasure.clients)}
    changed = False
    for end in ENDS:
        new_name = named.get((str(row.get(f"agency{end}")), str(row.get(f"client_id{end}"))))
        if new_name:
            row[f"client_id{end}"] = new_name
            changed = True
    if changed:
        row.update({name: kind for name, kind in (("reason", DELETED), ("evidence", {})) if name in row})
    return changed


def _from_reviews(lake: Lake, erasure: Erasure) -> None:
    """Sampled pairs of the clients go; a label of a pair that is gone is set aside by the runs to come."""
    with sql.connect(lake.spill) as connection:
        for path in sorted((lake.root / "review").rglob("*.parquet")):
            erasure.rows["review"] += without_clients(connection, path, erasure.clients)


def without_clients(connection: duckdb.DuckDBPyConnection, path: Path, clients: Sequence[Client]) -> int:
    """Take rows out of a Parquet file that name one of the clients, by key or by id; returns how many."""
    source = f"read_parquet({sql.literal(str(path))})"
    columns = [name for name, *_ in connection.execute(f"describe from {source}").fetchall()]
    tests = [f"{name} in (select client_key from gone)" for name in columns if name.startswith("client_key")]
    tests += [
        f"({name.replace('client_id', 'agency')}, {name}) in (select (agency, client_id) from gone)"
        for name in columns
        if name.startswith("client_id") and name.replace("client_id", "agency") in columns
    ]
    if not tests:
        return 0
    open_gone(connection, clients)
    is_gone = " or ".join(f"coalesce({test}, false)" for test in tests)
    ((rows,),) = connection.execute(f"select count(*) from {source} where {is_gone}").fetchall()
    if rows:
        with replacing(path) as staged:
            connection.sql(f"from {source} where not ({is_gone})").write_parquet(str(staged), compression="zstd")
            staged.chmod(0o600)
    return int(rows)


def open_gone(connection: duckdb.DuckDBPyConnection, clients: Sequence[Client]) -> None:
    """Make the table `gone`: agency, client_id and client_key of the clients, with their place among them."""
    load_macros(connection)
    connection.execute("create or replace temp table named_gone (place bigint, agency varchar, client_id varchar)")
    connection.executemany("insert into named_gone values (?, ?, ?)", [(at, *one) for at, one in enumerate(clients)])
    connection.execute(
        "create or replace temp table gone as select *, client_key(agency, client_id) as client_key from named_gone"
    )


def _persons_ever(lake: Lake, clients: Sequence[Client]) -> frozenset[int]:
    """Every person that one of the clients ever was part of, by the ledger."""
    if not lake.has("person_index", "ledger"):
        return frozenset()
    with sql.connect(lake.spill) as connection:
        sql.open_views(connection, lake, [("person_index", "ledger")])
        open_gone(connection, clients)
        rows = connection.execute(
            "select distinct person_id from person_index.ledger inner join gone using (client_key)"
        ).fetchall()
    return frozenset(int(person_id) for (person_id,) in rows)


def _from_releases(lake: Lake, erasure: Erasure) -> None:
    """Withdraw every release that holds one of the persons; the run that follows publishes what is left."""
    releases = list(releases_of(lake))
    if not releases or not erasure.persons:
        return
    ring = open_key_ring(lake, PRODUCT)
    keys = {ring.person_key(person_id) for person_id in erasure.persons}
    for release in releases:
        if keys_in(release) & keys:
            erasure.beyond.releases.add(release.name)
            _note(lake, erasure)
            withdraw_release(lake, release.name)
            erasure.rows["releases"] += 1


def _from_products(lake: Lake, erasure: Erasure) -> None:
    """Withdraw every product that holds one of the persons, under any key it ever had."""
    vault = vault_ids(lake, ())
    ids = [vault[person_id] for person_id in erasure.persons if person_id in vault]
    for product_id in sorted({build.parent.parent.name for build in builds(lake)}):
        recipient, _, project = product_id.partition(".")
        numbers = key_numbers(lake, recipient, project)
        keys = {key_numbered(lake, recipient, project, one).person_key(each) for one in numbers for each in ids}
        held = [build for build in builds(lake) if build.parent.parent.name == product_id and keys_in(build) & keys]
        if held:
            erasure.beyond.builds |= {build_name(build) for build in held}
            _note(lake, erasure)
            erasure.rows["products"] += withdraw_builds(lake, product_id, "a_client_was_deleted")


def build_name(build: Path) -> str:
    """A build as `<product>/<build>`."""
    return f"{build.parent.parent.name}/{build.name}"


def _note(lake: Lake, erasure: Erasure) -> None:
    """Keep where the clients were found, before it is gone from there."""
    write_pending(lake, Pending(erasure.clients, erasure.persons, erasure.values, erasure.beyond, erasure.begun_at))


def _clear_what_is_remade(lake: Lake) -> None:
    """Remove every zone that the next run makes anew: nothing of the clients is left to be searched out in it."""
    for zone in REMADE:
        for path in lake.zone(zone).glob("*"):
            if (zone, path.name) not in KEPT:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
    for folder in (lake.spill, lake.root / PAST_DAYS):
        shutil.rmtree(folder, ignore_errors=True)
