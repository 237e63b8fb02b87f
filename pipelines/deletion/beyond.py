"""What a deletion does not reach: named by ids, so that somebody can go and do what is left to be done."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from functools import cache
from importlib import resources
from typing import Any

import yaml

from pipelines.audit import Act, acts
from pipelines.lake import Lake

WRITTEN_OUT = ("refused_rows_exported", "provider_rows_exported", "provider_clients_listed", "review_sample_drawn")
"""Acts after which a file about clients lies outside the lake."""


@dataclass
class Beyond:
    """Where the clients were found; ids alone, none of them a client's."""

    deliveries: set[str] = field(default_factory=set)
    """Deliveries that held rows of theirs, or quoted them."""
    releases: set[str] = field(default_factory=set)
    builds: set[str] = field(default_factory=set)
    """Builds of products that held one of the persons, as `<product>/<build>`."""

    def as_json(self) -> dict[str, list[str]]:
        """Plain values."""
        return {name: sorted(found) for name, found in asdict(self).items()}

    @staticmethod
    def from_json(told: Mapping[str, Sequence[str]]) -> Beyond:
        """What `as_json` told."""
        return Beyond(**{name: set(found) for name, found in told.items()})


def not_reached(lake: Lake, beyond: Beyond, builds_left: set[str], before: datetime) -> list[dict[str, Any]]:
    """What is left to be done, each with what it is, its ids, and what to do.

    Args:
        lake: the lake.
        beyond: where the clients were.
        builds_left: builds of products that hold none of them, as `<product>/<build>`.
        before: when the deletion was begun; what was exported or backed up later holds them no more.
    """
    done = [act for act in acts(lake) if act.at < before]
    exports = [
        (act, f"{act.subject}/{act.detail.get('build_id', '')}") for act in done if act.act == "product_exported"
    ]
    ids = {
        "landing_folder": sorted(beyond.deliveries),
        "backups": list(_backups(done)),
        "recipients": [_told(act, build) for act, build in exports if build in beyond.builds],
        "perhaps_recipients": [_told(act, build) for act, build in exports if build not in beyond.builds | builds_left],
        "releases": sorted(beyond.releases),
        "files_written_out": [_told(act, act.subject) for act in done if act.act in WRITTEN_OUT],
    }
    always = ("agency", "audit_log")
    return [{"where": name, "ids": ids.get(name, []), **text}
            for name, text in _texts().items() if ids.get(name) or name in always]  # fmt: skip


def _backups(done: Sequence[Act]) -> Iterator[str]:
    """Backups that were made, without those that `--keep` removed since: the oldest."""
    made = [act for act in done if act.act == "lake_backed_up"]
    removed = sum(int(act.detail.get("removed", 0)) for act in made)
    yield from (act.subject for act in made[removed:])


def _told(act: Act, what: str) -> str:
    return f"{what}, act {act.number} of {act.at:%Y-%m-%d}"


@cache
def _texts() -> Mapping[str, Mapping[str, str]]:
    text = resources.files("pipelines.deletion").joinpath("not_reached.yaml").read_text(encoding="utf-8")
    return {name: dict(told) for name, told in yaml.safe_load(text).items()}
