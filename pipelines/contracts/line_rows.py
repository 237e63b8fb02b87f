"""A statement line by line, as an auditor reads it: days, clause, rule, amount, what each payer pays, and source rows.

Source rows are named by the keys of the agencies that sent them: the file stays inside the county.
"""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from pipelines import sql
from pipelines.contracts.dispute import open_looked_at
from pipelines.contracts.due import DueStatement
from pipelines.contracts.state import PACKAGE
from pipelines.episodes import open_spans
from pipelines.lake import Lake
from pipelines.outcomes import Measure

FIRST = ("contract_id", "clause_id", "line_id", "period", "rule", "person_id", "provider_id", "index_on", "earned_on")
AMOUNTS = ("quantity", "unit", "price_usd", "earned_usd", "amount_usd")
CAUSES = ("is_restatement", "cause_code", "person_cause")


def line_rows(lake: Lake, stated: DueStatement, measures: Mapping[str, Measure]) -> pa.Table:
    """A row a line, with a column `<payer>_usd` for each payer; columns in the order in which they are read."""
    sources = _sources(lake, stated, measures)
    payers = [payer.id for payer in stated.contract.payers]
    rows = [
        {"contract_id": stated.contract.id}
        | {name: line.get(name) for name in (*FIRST[1:], *AMOUNTS)}
        | {f"{payer}_usd": line["payers"].get(payer, "0.00") for payer in payers}
        | {name: line[name] for name in CAUSES}
        | {"source_rows": sources.get(line["line_id"], "")}
        for line in stated.told_lines()
    ]
    columns = (*FIRST, *AMOUNTS, *(f"{payer}_usd" for payer in payers), *CAUSES, "source_rows")
    return pa.table({name: [row[name] for row in rows] for name in columns})


def _sources(lake: Lake, stated: DueStatement, measures: Mapping[str, Measure]) -> dict[str, str]:
    with sql.connect(lake.spill) as connection:
        open_spans(connection, lake)
        sql.open_views(connection, lake, [("episodes", "episode_sources")])
        open_looked_at(connection, stated.contract, measures)
        connection.register("stated_lines", stated.lines)
        connection.execute("create schema stated")
        connection.execute("create table stated.lines as from stated_lines")
        return dict(sql.relation(connection, PACKAGE, "line_sources").fetchall())
