"""What explains a release from inside it: README, linkage rules, and the contracts its tables keep."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from linkage_rules.blocking import RULES as BLOCKING
from linkage_rules.drift import limits
from linkage_rules.gallery import gallery
from linkage_rules.guards import GUARDS
from pipelines import sql
from pipelines.publish.manifest import Inputs
from pipelines.publish.published_contracts import PUBLISHED_CONTRACTS, SUFFIX, PublishedTable

QUERIES = ("housing_kept", "jail_returns", "psychiatric_emergencies")
"""The three queries that a release's README shows; they stand in `queries/` and are tested as given."""

RULES = "linkage_rules.json"
"""What persons were made by, with its reasons: blocking rules, guards, the gallery of hard cases, limits of drift."""


OUTCOME_CONTRACTS = "outcome_contracts"
"""What is paid for, as it was when the release was made: its pages are drawn by the terms that it was made under."""

OUTCOME_FOLDERS = ("", "measures", "underwriting")
"""Contracts, measures and assumptions; rules and code sets of the measures' SQL are not needed to read them."""


def linkage_rules() -> dict[str, Any]:
    """What `linkage_rules.json` holds."""
    return {
        "blocking": [{"name": rule.name, "reason": rule.reason} for rule in BLOCKING],
        "guards": [{"name": guard.name, "reason": guard.reason} for guard in GUARDS],
        "gallery": gallery(),
        "drift": {limit.figure: {k: v for k, v in asdict(limit).items() if k != "figure"} for limit in limits()},
    }


def query_texts() -> list[str]:
    """The README's queries, as they run in DuckDB started in a release folder."""
    return [sql.text("pipelines.publish.queries", name).strip() for name in QUERIES]


def write_companions(
    staged: Path,
    contracts: Mapping[str, PublishedTable],
    inputs: Inputs,
    model_card: str = "",
    outcome_contracts: Path | None = None,
) -> None:
    """Write README.md, contracts/, outcome_contracts/, linkage_rules.json and MODEL_CARD.md into a staged release."""
    folder = staged / "contracts"
    folder.mkdir()
    for name in contracts:
        (folder / f"{name}{SUFFIX}").write_bytes((PUBLISHED_CONTRACTS / f"{name}{SUFFIX}").read_bytes())
    (staged / RULES).write_text(json.dumps(linkage_rules(), indent=1, default=str) + "\n", encoding="utf-8")
    if model_card:
        (staged / "MODEL_CARD.md").write_text(model_card, encoding="utf-8")
    if outcome_contracts is not None:
        _copy_outcome_contracts(outcome_contracts, staged / OUTCOME_CONTRACTS)
    (staged / "README.md").write_text(_readme(contracts, inputs), encoding="utf-8")


def _copy_outcome_contracts(folder: Path, to: Path) -> None:
    for name in OUTCOME_FOLDERS:
        for path in sorted((folder / name).glob("*.yaml")):
            target = to / name / path.name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())


def _readme(contracts: Mapping[str, PublishedTable], inputs: Inputs) -> str:
    environment = Environment(
        loader=PackageLoader("pipelines.publish"),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701 - Markdown from our own contracts; nothing of the data is in it
        trim_blocks=True,
    )
    template = environment.get_template("release_readme.md")
    return template.render(contracts=contracts.values(), queries=query_texts(), inputs=inputs)
