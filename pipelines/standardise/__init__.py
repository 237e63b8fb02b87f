"""One table of clients, one of identities, and the events of their lives, in one vocabulary."""

from __future__ import annotations

from datetime import date

from pipelines import sql
from pipelines.lake import Lake
from pipelines.standardise.current import open_current
from pipelines.standardise.events import events
from pipelines.standardise.identities import make_identities, write_identities
from pipelines.standardise.rules_sql import load_macros, load_rule_tables
from pipelines.standardise.sources import open_client_sources, open_identity_sources
from schemas.data_contract import DataContracts

__all__ = ["load_macros", "load_rule_tables", "make_identities", "standardise"]


def standardise(lake: Lake, contracts: DataContracts, as_of: date | None = None) -> dict[str, int]:
    """Write every table of the zone `standard` from the deliveries accepted by `as_of`; returns table → rows."""
    from pipelines import validate  # brings pandera along, which a flat table of records needs nothing of

    connection = sql.connect(lake.spill)
    try:
        open_current(connection, lake, contracts, validate.accepted_deliveries(lake, as_of))
        load_macros(connection)
        open_identity_sources(connection, contracts)
        open_client_sources(connection, contracts)
        return write_identities(connection, lake) | events(connection, lake)
    finally:
        connection.close()
