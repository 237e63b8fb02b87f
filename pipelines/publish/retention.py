"""Which releases are due to be removed, by the rules of `retention.yaml`; removing them is `standing.remove`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from pipelines.errors import ContractError
from pipelines.lake import Lake
from pipelines.publish.catalogue import PUBLISHED, WITHDRAWN, Entry, entries
from pipelines.publish.folders import withdrawn_folder
from pipelines.publish.latest import latest_release

RULES = Path(__file__).with_name("retention.yaml")

NAMES = ("keep_days", "keep_first_of_month_years", "keep_withdrawn_days")


def rules(path: Path = RULES) -> Mapping[str, int]:
    """Rule → days or years; refused without a reason."""
    stated: dict[str, dict[str, Any]] = yaml.safe_load(path.read_text(encoding="utf-8"))
    for name in NAMES:
        if not stated.get(name, {}).get("reason") or int(stated[name].get("value", 0)) < 1:
            raise ContractError(f"{path.name}: {name} needs a value of at least 1, and a reason")
    return {name: int(stated[name]["value"]) for name in NAMES}


def due_for_removal(lake: Lake, on: date, stated: Mapping[str, int] | None = None) -> list[str]:
    """The published releases that no rule keeps any longer on a day, oldest first."""
    current = latest_release(lake)
    kept = {current.name if current else "", *statements_rest_on(lake)}
    return [one for one in unkept(entries(lake), on, stated or rules()) if one not in kept]


def unkept(found: Sequence[Entry], on: date, stated: Mapping[str, int]) -> list[str]:
    """Published releases that are too old for their kind."""
    published = [entry for entry in found if entry.status == PUBLISHED]
    firsts = _first_of_each_month(published)
    young = on - timedelta(days=stated["keep_days"])
    middle = _years_before(on, stated["keep_first_of_month_years"])
    return [
        entry.release_id
        for entry in published
        if entry.as_of < young and not (entry.release_id in firsts and entry.as_of >= middle)
    ]


def evidence_due(lake: Lake, on: date, stated: Mapping[str, int] | None = None) -> list[str]:
    """The withdrawn releases whose folder is no longer needed as evidence."""
    last = datetime(on.year, on.month, on.day, tzinfo=UTC) - timedelta(days=(stated or rules())["keep_withdrawn_days"])
    return [
        entry.release_id
        for entry in entries(lake)
        if entry.status == WITHDRAWN
        and entry.history[-1].at < last
        and withdrawn_folder(lake, entry.release_id).exists()
    ]


def statements_rest_on(lake: Lake) -> set[str]:
    """The releases that frozen statements name."""
    told = (json.loads(path.read_text(encoding="utf-8")) for path in lake.root.glob("statements/*/*/statement.json"))
    return {str(facts["release"].get("release_id", "")) for facts in told}


def _first_of_each_month(published: Sequence[Entry]) -> set[str]:
    firsts: dict[tuple[int, int], Entry] = {}
    for entry in published:  # in order of as-of date
        firsts.setdefault((entry.as_of.year, entry.as_of.month), entry)
    return {entry.release_id for entry in firsts.values()}


def _years_before(on: date, years: int) -> date:
    return on.replace(year=on.year - years, day=min(on.day, 28))
