"""Make a statement final: what was due when it was frozen, and the release that it rests on, written once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from pipelines.audit import record_act, sealed_file
from pipelines.contracts.due import DueStatement
from pipelines.contracts.frozen import FACTS, LINE_PAYERS, LINES, home
from pipelines.contracts.quantities import first_day
from pipelines.contracts.terms import OutcomesContract
from pipelines.errors import LakeError
from pipelines.lake import Lake, new_folder


def freeze(lake: Lake, stated: DueStatement, *, on: date, by: str, release: Mapping[str, Any]) -> Path:
    """Make a statement final; returns its folder.

    Args:
        on: the day of freezing.
        by: who freezes.
        release: id and inputs of the release that it rests on.

    Raises:
        LakeError: the period may not be frozen yet, or nothing is due.
    """
    first = _freezable_on(stated.contract, stated.period)
    if on < first:
        raise LakeError(
            f"{stated.contract.id}: {stated.period} can be frozen from {first} on; until then data may come"
        )
    if not stated.lines.num_rows:
        raise LakeError(f"{stated.contract.id}: nothing is due for {stated.period} that was not stated before")
    facts = {
        "contract_id": stated.contract.id,
        "contract_version": stated.contract.version,
        "period": stated.period,
        "number": stated.number,
        "frozen_on": on.isoformat(),
        "frozen_by": by,
        "release": dict(release),
        "measures": dict(sorted(stated.measures.items())),
        "lines": stated.lines.num_rows,
        "restatements": stated.restatements,
        "total_usd": str(stated.amount_usd),
        "payers": {payer: str(usd) for payer, usd in stated.payers().items()},
    }
    target = home(lake, stated.contract.id) / f"{stated.number:04d}"
    with new_folder(target) as folder:
        pq.write_table(stated.lines, folder / LINES, compression="zstd")
        pq.write_table(stated.line_payers, folder / LINE_PAYERS, compression="zstd")
        (folder / FACTS).write_text(json.dumps(facts, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    _record_act(lake, target, facts)
    return target


def _record_act(lake: Lake, target: Path, facts: Mapping[str, Any]) -> None:
    files = {name: sha for path in sorted(target.iterdir()) for name, sha in sealed_file(lake, path).items()}
    record_act(
        lake,
        act="statement_frozen",
        by=str(facts["frozen_by"]),
        subject=f"{facts['contract_id']} {facts['period']}, statement {facts['number']}",
        detail={"lines": facts["lines"], "restatements": facts["restatements"], "files": files},
    )


def _freezable_on(contract: OutcomesContract, period: str) -> date:
    """The day after a period's end and the days that late data has."""
    day = first_day(period)
    months = {"month": 1, "quarter": 3, "year": 12}.get(contract.calendar.statement_every, 0)
    if day is None:
        ended = contract.ends_on + timedelta(days=1)
    else:
        ended = date(day.year + (day.month - 1 + months) // 12, (day.month - 1 + months) % 12 + 1, 1)
    return ended + timedelta(days=contract.calendar.freeze_after_days)
