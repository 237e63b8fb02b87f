"""Nothing leaves as an aggregate of which the rules do not say how it adds up: no table, no column, no cut, no period.

A cut by veteran status, say, would be safe only if the rules knew its sums. Until they do, it is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pipelines.publish.disclosure.again import TOLD_AS_OF
from pipelines.publish.disclosure.model import DISCLOSURE, Model, TableModel
from pipelines.publish.published_contracts import PublishedTable

SAID_BY_CONTROL = (TOLD_AS_OF, "suppressed")

MEND = f"say in {DISCLOSURE.name} how it adds up, or leave it out"


def unmodelled_columns(contracts: Mapping[str, PublishedTable], model: Model) -> list[str]:
    """Every aggregate table, and every column of one, of which the rules say nothing."""
    faults = []
    for name, contract in contracts.items():
        if contract.tier == "aggregate" and name not in model.not_of_people:
            if name not in model.tables:
                faults.append(f"{name}: an aggregate table that disclosure control does not know; {MEND}")
            else:
                columns = {column.name for column in contract.columns} - _known(model.tables[name])
                faults += [f"{name}.{one}: disclosure control does not know it; {MEND}" for one in sorted(columns)]
    return faults


def unmodelled_rows(model: Model, tables: Mapping[str, Sequence[Mapping[str, Any]]]) -> list[str]:
    """Every cut, and every kind of period, of which the rules say nothing."""
    return [fault for name, rows in tables.items() for fault in _of_rows(model.tables[name], rows)]


def _known(table: TableModel) -> set[str]:
    derived = (one for many in table.leave_with.values() for one in many)
    return {*table.key, *table.counts, *table.leave_with_row, *derived, *table.plain, *SAID_BY_CONTROL}


def _of_rows(table: TableModel, rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for column, values in table.cuts.items():
        for strange in sorted({row[column] for row in rows} - set(values), key=str):
            yield f"{table.name}: rows by {strange}: disclosure control does not know them; {MEND}"
    if table.grain is not None:
        lengths: dict[str, set[int]] = {}
        for row in rows:
            if row[table.grain] is not None:
                lengths.setdefault(table.family(row[table.key[0]]), set()).add(len(row[table.grain]))
        for family in sorted(family for family, found in lengths.items() if len(found) > 1):
            yield f"{table.name}: {family} has periods of two kinds, of which one is the sum of others; {MEND}"
