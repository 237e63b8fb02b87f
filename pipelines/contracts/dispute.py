"""What a provider needs to dispute a payment: its own clients' rows, what was paid, and which episodes decided it.

Named by the provider's own client ids alone. What another agency knows is told as the kind of episode and the agency,
without its key or day: a jail booking is not the clinic's to read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import duckdb
import pyarrow as pa

from pipelines import sql
from pipelines.contracts.state import INPUTS, PACKAGE, open_terms
from pipelines.contracts.terms import OutcomesContract
from pipelines.episodes import SPAN_KINDS, open_spans
from pipelines.lake import Lake
from pipelines.outcomes import Measure
from pipelines.outcomes.measure import BY_WINDOW

TABLES = (
    *INPUTS,
    ("contracts", "statement_lines"),
    ("episodes", "episode_sources"),
    ("standard", "partnerships"),
    ("standard", "tenancies"),
    ("person_index", "person_of_client"),
)


def dispute_rows(
    lake: Lake, contract: OutcomesContract, measures: Mapping[str, Measure], provider_id: str, period: str | None
) -> pa.Table:
    """The rows of `dispute_rows.sql` for a provider, in a period or in all."""
    with sql.connect(lake.spill) as connection:
        sql.open_views(connection, lake, TABLES)
        open_spans(connection, lake)
        open_terms(connection, [contract])
        open_looked_at(connection, contract, measures)
        asked = {"contract_id": contract.id, "provider_id": provider_id, "period": period}
        return sql.relation(connection, PACKAGE, "dispute_rows", asked).to_arrow_table()


def open_looked_at(
    connection: duckdb.DuckDBPyConnection, contract: OutcomesContract, measures: Mapping[str, Measure]
) -> None:
    """Make `terms.looked_at`: the kinds of episode that each measure of a contract looks at."""
    connection.execute("create schema if not exists terms")
    connection.execute("create table terms.looked_at (measure_id varchar, episode_kind varchar)")
    for name in {contract.metric(clause).measure for clause in contract.clauses} & measures.keys():
        for kind in looked_at(measures[str(name)]):
            connection.execute("insert into terms.looked_at values (?, ?)", [name, kind])


def looked_at(measure: Measure) -> tuple[str, ...]:
    """The kinds of episode that a measure's SQL reads; partnerships are also read as spans."""
    files = filter(None, (measure.sql, BY_WINDOW.get(measure.sql)))
    text = "\n".join(sql.text("pipelines.outcomes", name) for name in files)
    read = set(re.findall(r"\b(?:episodes|members)\.([a-z_]+)", text))
    spoken = {name: name for name in SPAN_KINDS} | {
        "partnership_spans": "partnership",
        "placements": "tenancy",
        "member_spans": "partnership",
    }
    return tuple(sorted({spoken[name] for name in read & spoken.keys()}))
