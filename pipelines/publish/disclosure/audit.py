"""The last look before a release leaves: what its files tell, whatever disclosure control meant them to tell.

It reads the files as a reader would and shares nothing with the code that withheld, but the rules.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from pipelines.publish.disclosure.model import Model, TableModel, load_model


def disclosure_faults(release: Path) -> list[str]:
    """Every way in which a release, or one before it, tells a small cell, said without a value."""
    given_away = [
        f"{name}: {count} counts that earlier releases give away" for name, count in given_away_before(release)
    ]
    return told_faults(release) + given_away


def given_away_before(release: Path) -> list[tuple[str, int]]:
    """Tables of which small changes can be worked out from what earlier releases told, whatever is withheld now."""
    return [(name, row["given_away_before"]) for name, row in _audit(release).items() if row["given_away_before"]]


def told_faults(release: Path) -> list[str]:
    """Every way in which the aggregates of a release tell a small cell by themselves: such a release must not leave."""
    model, audit = load_model(), _audit(release)
    faults = [f"{name}: disclosure control says nothing of it" for name in model.tables if name not in audit]
    for name, row in audit.items():
        if row["method_code"] == "withhold":
            table = model.tables[name]
            rows = pq.read_table(release / f"{name}.parquet", columns=_telling(table)).to_pylist()
            faults += _small_cells(model, table, rows)
    return faults


def _telling(table: TableModel) -> list[str]:
    """The columns that tell a small cell: counts of people, and what says which rows leave a rest."""
    told = [count for count in table.of_people if count not in table.working]
    rests = [name for one in table.within for name in (one.of, *one.parts, *one.where)]
    return list(dict.fromkeys([*told, *rests]))


def _audit(release: Path) -> dict[str, dict[str, Any]]:
    return {row["table_name"]: row for row in pq.read_table(release / "disclosure.parquet").to_pylist()}


def _small_cells(model: Model, table: TableModel, rows: list[dict[str, Any]]) -> Iterator[str]:
    told = Counter(count for row in rows for count in table.small_counts(model.rules, row))
    for count, cells in sorted(told.items()):
        yield f"{table.name}.{count}: {cells} small cells are told"
    rests = sum(table.tells_small_rest(model.rules, row) for row in rows)
    if rests:
        yield f"{table.name}: {rests} rows tell the few who are left out of a part"
