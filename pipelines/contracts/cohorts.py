"""Who an outcomes contract looks at: the persons of each clause, as the last run knew them."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa

from pipelines import sql
from pipelines.contracts.state import INPUTS, OUTCOME_CONTRACTS, PACKAGE, load_terms, open_terms
from pipelines.lake import Lake

NEEDED = (*INPUTS, ("contracts", "statement_lines"))


def cohort_members(lake: Lake, outcome_contracts: Path = OUTCOME_CONTRACTS) -> pa.Table | None:
    """Grain: contract or measure × part × person: `kind, code, part, person_id, paid_usd`; None before a first release.

    Raises:
        ContractError: an outcomes contract or a measure is not well formed.
    """
    if not all(lake.has(*table) for table in NEEDED):
        return None
    with sql.connect(lake.spill) as connection:
        connection.execute("create schema contracts")
        sql.open_views(connection, lake, NEEDED)
        open_terms(connection, load_terms(outcome_contracts))
        return sql.relation(connection, PACKAGE, "cohort_members").to_arrow_table()
