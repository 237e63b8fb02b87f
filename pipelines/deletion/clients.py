"""Which clients are to be deleted: one that is named, or those whose every row is older than the law lets it be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import polars as pl

from pipelines.contracts.definitions import parsed, terms_of
from pipelines.contracts.fields import Id, Text
from pipelines.contracts.terms import Terms
from pipelines.errors import LakeError
from pipelines.ingest import Delivery, deliveries
from pipelines.lake import Lake
from schemas.data_contract import DataContract, DataContracts

Client = tuple[str, str]
"""Agency and client id."""

FILE = "retention.yaml"


class Rule(Terms):
    """How long rows of an agency are kept."""

    agency: Id
    years: int
    day: Text
    clause: Text
    reason: Text


class Rules(Terms):
    """`retention.yaml`."""

    rules: tuple[Rule, ...]


def named_client(lake: Lake, contracts: DataContracts, client: Client) -> Client:
    """The client, if any delivery names it.

    Raises:
        LakeError: no delivery does; the text does not repeat the client id.
    """
    agency, client_id = client
    if agency not in contracts.agencies:
        raise LakeError(f"there is no agency {agency}; there are {', '.join(contracts.agencies)}")
    for rows in _rows(lake, contracts, agency, ""):
        if (rows["client_id"] == client_id).any():
            return client
    raise LakeError(f"no delivery of {agency} names this client; it was deleted already, or is known under another id")


def deliveries_of(lake: Lake, contracts: DataContracts, clients: Sequence[Client]) -> set[str]:
    """The ids of the deliveries in which one of the clients has a row of its own."""
    found = set()
    for agency in {agency for agency, _ in clients}:
        own = [client_id for one, client_id in clients if one == agency]
        for delivery in deliveries(lake):
            for contract in contracts.of(agency) if delivery.agency == agency else ():
                path = delivery.folder(lake) / f"{contract.table}.parquet"
                if contract.with_role("client_id") and path.exists():
                    rows = _clients_of(path, contract, delivery, "")
                    if rows["client_id"].is_in(own).any():
                        found.add(delivery.delivery_id)
    return found


def past_retention(lake: Lake, contracts: DataContracts, law: Path, on: date) -> dict[Rule, list[Client]]:
    """Clients whose newest row is older than their agency's rule allows, by rule.

    A row is as old as its day column says; where it has none, as old as its delivery's as-of date.
    """
    document, root = parsed(law / FILE, "a file of the law")
    rules = terms_of(Rules, law / FILE, document, root).rules
    return {rule: list(_outlived(lake, contracts, rule, on)) for rule in rules if rule.agency in contracts.agencies}


def _outlived(lake: Lake, contracts: DataContracts, rule: Rule, on: date) -> Iterator[Client]:
    limit = _years_before(on, rule.years)
    found = [rows for rows in _rows(lake, contracts, rule.agency, rule.day) if rows.height]
    if not found:
        return
    newest = pl.concat(found).group_by("client_id").agg(pl.col("day").max())
    old = newest.filter(pl.col("day") < limit).sort("client_id")
    yield from ((rule.agency, client_id) for client_id in old["client_id"])


def _years_before(on: date, years: int) -> date:
    day = min(on.day, 28) if on.month == 2 else on.day
    return date(on.year - years, on.month, day)


def _rows(lake: Lake, contracts: DataContracts, agency: str, day: str) -> Iterator[pl.DataFrame]:
    """`client_id` and `day` of every row of an agency that names a client."""
    for delivery in deliveries(lake):
        for contract in contracts.of(agency) if delivery.agency == agency else ():
            path = delivery.folder(lake) / f"{contract.table}.parquet"
            if contract.with_role("client_id") and path.exists():
                yield _clients_of(path, contract, delivery, day)


def _clients_of(path: Path, contract: DataContract, delivery: Delivery, day: str) -> pl.DataFrame:
    role = contract.with_role("client_id")
    header = {name.casefold(): name for name in pl.read_parquet_schema(path)}
    names = [role.name, *role.aliases] if role else []
    client = next((header[one.casefold()] for one in names if one.casefold() in header), None)
    if client is None:
        return pl.DataFrame(schema={"client_id": pl.String, "day": pl.Date})
    dated = header.get(day.casefold())
    told = pl.col(dated).str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False) if dated else pl.lit(None, pl.Date)
    columns = [pl.col(client).str.strip_chars().alias("client_id"), told.fill_null(delivery.as_of).alias("day")]
    return pl.read_parquet(path, columns=[client, *([dated] if dated else [])]).select(columns).drop_nulls()
