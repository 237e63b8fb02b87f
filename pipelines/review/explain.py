"""Why two clients are, or are not, one person; and how a person came to be.

Without `show_values` nothing that is told holds a name, a number or a date of anybody: levels, weights, rules, ids.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb

from linkage_rules.bundle import Bundle
from linkage_rules.guards import GUARDS
from pipelines import sql
from pipelines.errors import LakeError
from pipelines.lake import Lake
from pipelines.link.decision_store import Client, Decision, recorded
from pipelines.link.on_demand import Scored, client_keys, open_scene, rules_that_met, score_groups
from pipelines.person_index import resolve
from pipelines.review.waterfall import Waterfall, waterfall

PACKAGE = "pipelines.review"

VALUES = (
    "first_name", "middle_name", "last_name", "generation", "birth_code", "ssn", "itin", "ssn_last4", "sex_code",
    "phone", "address", "unit", "city", "zip5", "shared_ids",
)  # fmt: skip
"""What of an identity is shown when values are asked for, as it was compared."""

Row = Mapping[str, Any]


@dataclass(frozen=True)
class ExplainedPair:
    """One pair of clients. What is null was not there: no identity to compare, no run that stored the pair."""

    clients: tuple[Client, Client]
    person_ids: tuple[int | None, int | None]
    bundle_version: str
    identity_ids: tuple[int, int] | None
    waterfall: Waterfall | None
    stored_weight: float | None
    """What the last run stored for the same two identities; another if model or records changed since."""
    rules: tuple[str, ...]
    """Every blocking rule that brings the two identities together."""
    guard: str | None
    guard_reason: str | None
    decisions: tuple[Decision, ...]
    """Everything ever said of the pair, in the order of recording."""
    events: tuple[Row, ...]
    values: tuple[Row, ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class ExplainedPerson:
    """One person: who it is made of, what holds it together, and its history."""

    asked_id: int
    person_id: int
    """The person that stands for the asked id now; another one if the asked was merged."""
    merged_ids: tuple[int, ...]
    """Former persons that are this one now."""
    confidence: float | None
    """Mean weight in bits over the pairs of clients of its cluster."""
    clients: tuple[Client, ...]
    pairs: tuple[Row, ...]
    """one, other (as AGENCY:CLIENT), match_weight, match_key, guard, as the last run stored them."""
    decisions: tuple[Decision, ...]
    events: tuple[Row, ...]
    values: tuple[Row, ...] = field(default=(), repr=False)


def explain_pair(lake: Lake, bundle: Bundle, one: Client, other: Client, *, show_values: bool = False) -> ExplainedPair:
    """Score two clients on the spot and tell every step; raises LakeError if a client is not known."""
    keys = _known(lake, one, other)
    with sql.connect(lake.spill, places=[bundle.folder]) as connection:
        _open(connection, lake)
        scene = open_scene(connection, lake, bundle, list(keys.values()))
        best = next(iter(score_groups(scene, dict.fromkeys(keys.values(), 1)).values()), None)
        persons = (_person_of(connection, keys[one]), _person_of(connection, keys[other]))
        return ExplainedPair(
            clients=(one, other),
            person_ids=persons,
            bundle_version=bundle.version,
            identity_ids=(best.identity_id_l, best.identity_id_r) if best else None,
            waterfall=waterfall(scene, best.identity_id_l, best.identity_id_r) if best else None,
            stored_weight=_stored_weight(connection, best) if best else None,
            rules=rules_that_met(scene, best.identity_id_l, best.identity_id_r) if best else (),
            guard=best.guard if best else None,
            guard_reason=next((guard.reason for guard in GUARDS if best and guard.name == best.guard), None),
            decisions=tuple(said for said in recorded(lake) if set(said.clients) == {one, other}),
            events=_events(connection, [person for person in persons if person is not None]),
            values=_values(connection, lake, keys.values()) if show_values else (),
        )


def explain_person(lake: Lake, asked_id: int, *, show_values: bool = False) -> ExplainedPerson:
    """Tell of a person, by its id or one that was merged into it; raises LakeError if there never was such an id."""
    with sql.connect(lake.spill) as connection:
        _open(connection, lake)
        stands_for = dict(resolve(connection, "person_index.ledger").fetchall())
        person_id = int(stands_for.get(asked_id, asked_id))
        found = sql.relation(connection, PACKAGE, "person_clients", {"person_id": person_id}).fetchall()
        merged = tuple(sorted(int(former) for former, now in stands_for.items() if now == person_id))
        events = _events(connection, [person_id, *merged])
        if not found and not events:
            raise LakeError(f"there is no person {asked_id}, and there never was")
        names = {int(key): (str(agency), str(client_id)) for key, agency, client_id, _ in found}
        return ExplainedPerson(
            asked_id=asked_id,
            person_id=person_id,
            merged_ids=merged,
            confidence=next((confidence for *_, confidence in found), None),
            clients=tuple(names.values()),
            pairs=tuple(_stored_pairs(connection, names)),
            decisions=tuple(said for said in recorded(lake) if set(said.clients) & set(names.values())),
            events=events,
            values=_values(connection, lake, names) if show_values else (),
        )


def _known(lake: Lake, *clients: Client) -> dict[Client, int]:
    keys = client_keys(lake, clients)
    for agency, client_id in clients:
        if (agency, client_id) not in keys:
            raise LakeError(f"{agency}:{client_id} is not known; check the agency's code and the client id")
    if len(keys) < len(clients):
        raise LakeError("a pair is two clients; the same client was named twice")
    return keys


def _open(connection: duckdb.DuckDBPyConnection, lake: Lake) -> None:
    needed = [
        ("linked", "links"),
        ("linked", "clusters"),
        ("person_index", "person_of_client"),
        ("person_index", "ledger"),
    ]
    for zone, table in needed:
        if not lake.has(zone, table):
            raise LakeError(f"{zone}/{table} is not there yet; run the nightly job first")
    sql.open_views(connection, lake, needed)


def _person_of(connection: duckdb.DuckDBPyConnection, key: int) -> int | None:
    found = connection.execute(
        "select person_id from person_index.person_of_client where client_key = $key", {"key": key}
    ).fetchall()
    return int(found[0][0]) if found else None


def _stored_weight(connection: duckdb.DuckDBPyConnection, best: Scored) -> float | None:
    found = connection.execute(
        "select match_weight from linked.links where identity_id_l = $l and identity_id_r = $r",
        {"l": best.identity_id_l, "r": best.identity_id_r},
    ).fetchall()
    return float(found[0][0]) if found else None


def _events(connection: duckdb.DuckDBPyConnection, person_ids: Sequence[int]) -> tuple[Row, ...]:
    return tuple(_rows(sql.relation(connection, PACKAGE, "person_events", {"person_ids": sorted(set(person_ids))})))


def _stored_pairs(connection: duckdb.DuckDBPyConnection, names: Mapping[int, Client]) -> Iterable[Row]:
    for row in _rows(sql.relation(connection, PACKAGE, "stored_pairs", {"client_keys": list(names)})):
        yield {**row, "one": ":".join(names[row["one"]]), "other": ":".join(names[row["other"]])}


def _values(connection: duckdb.DuckDBPyConnection, lake: Lake, keys: Iterable[int]) -> tuple[Row, ...]:
    """The identities of clients, as they were compared: the one place where names are told."""
    path = sql.literal(str(lake.path("standard", "identities")))
    return tuple(
        _rows(
            connection.sql(
                f"select people.agency, people.client_id, identities.identity_id, {', '.join(VALUES)} "
                f"from read_parquet({path}) as identities inner join person_index.person_of_client as people "
                "using (client_key) where list_contains($keys, client_key) order by client_key, identity_id",
                params={"keys": list(keys)},
            )
        )
    )


def _rows(relation: duckdb.DuckDBPyRelation) -> list[Row]:
    return [dict(zip(relation.columns, row, strict=True)) for row in relation.fetchall()]
