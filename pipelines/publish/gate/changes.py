"""Which figures of a candidate lie beyond their band, seen from the latest release. Published figures only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from pipelines import sql
from pipelines.errors import ContractError
from pipelines.publish.views import open_release
from schemas.yaml_documents import read_yaml

PACKAGE = "pipelines.publish.gate"

BANDS = Path(__file__).with_name("bands.yaml")


@dataclass(frozen=True)
class Finding:
    """Why a release is held: one figure that has moved."""

    band: str
    table: str
    place: str
    """Measure, cut value and period, or whatever names the figure in its table."""
    figure: str
    before: float | None
    after: float | None
    allowed: str
    reason: str

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


@cache
def bands() -> Mapping[str, Mapping[str, Any]]:
    """Band → its numbers and its reason.

    Raises:
        ContractError: a band gives no reason, or no number above zero.
    """
    stated: dict[str, dict[str, Any]] = read_yaml(BANDS.read_text(encoding="utf-8"))
    for name, band in stated.items():
        numbers = [value for key, value in band.items() if key != "reason"]
        if not band.get("reason") or not numbers or min(numbers) <= 0:
            raise ContractError(f"{BANDS.name}: {name} needs numbers above zero, and a reason")
    return stated


def changes(candidate: Path, before: Path) -> list[Finding]:
    """Every figure of a candidate beyond its band, held against an earlier release."""
    with sql.connect(places=[candidate, before]) as connection:
        open_release(connection, "latest", before)
        open_release(connection, "candidate", candidate)
        return [found for name, band in bands().items() for found in _beyond(connection, name, band)]


def _beyond(connection: duckdb.DuckDBPyConnection, name: str, band: Mapping[str, Any]) -> list[Finding]:
    numbers = {key: value for key, value in band.items() if key != "reason"}
    allowed = ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in numbers.items())
    rows = sql.relation(connection, PACKAGE, name, numbers).fetchall()
    reason = str(band["reason"]).strip()
    return [
        Finding(name, table, place, figure, before, after, allowed, reason)
        for table, place, figure, before, after in rows
    ]
