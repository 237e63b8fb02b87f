"""Statements that were frozen: where they lie, and what they said.

A frozen statement is a folder, `statements/<contract>/<number>/`, written once, beside the zones: no run clears it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.lake import Lake

FOLDER, FACTS, LINES, LINE_PAYERS = "statements", "statement.json", "lines.parquet", "line_payers.parquet"


@dataclass(frozen=True)
class Frozen:
    """A statement that was frozen."""

    folder: Path
    facts: Mapping[str, Any]


def frozen_statements(lake: Lake, contract_id: str) -> list[Mapping[str, Any]]:
    """The facts of every frozen statement of a contract, oldest first: number, period, release, totals."""
    return [frozen.facts for frozen in read_frozen(lake, contract_id)]


def home(lake: Lake, contract_id: str) -> Path:
    """The folder of a contract's frozen statements, whether or not there is one."""
    return lake.root / FOLDER / contract_id


def read_frozen(lake: Lake, contract_id: str) -> list[Frozen]:
    """Every frozen statement of a contract, oldest first."""
    folders = sorted(home(lake, contract_id).glob("[0-9][0-9][0-9][0-9]"))
    return [Frozen(folder, json.loads((folder / FACTS).read_text(encoding="utf-8"))) for folder in folders]
