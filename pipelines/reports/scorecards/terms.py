"""`scorecard.yaml` as terms: which figures a scorecard has, and against which targets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import yaml

from pipelines.errors import ContractError

PACKAGE = "pipelines.reports.scorecards"
BETTER = ("more", "fewer", "")


@dataclass(frozen=True)
class Target:
    """What a figure is held to; of a measure that is better with more it is the least, else the most."""

    value: float
    source: str


@dataclass(frozen=True)
class FigureTerms:
    """One figure of a scorecard."""

    measure: str
    heading: str
    question: str
    noun: str
    better: str
    clause: str
    """Of the contract, whose threshold is the target; empty where the target is stated here, or there is none."""
    stated: Target | None

    def target(self, thresholds: Mapping[str, Target]) -> Target | None:
        """The target in force, where the release's contract names one or the terms do."""
        return thresholds.get(self.clause) if self.clause else self.stated


@dataclass(frozen=True)
class ScorecardTerms:
    """All of `scorecard.yaml`."""

    contract: str
    quarters_drawn: int
    quarters_in_a_chart: int
    widest_axis: float
    figures: tuple[FigureTerms, ...]


@cache
def scorecard_terms() -> ScorecardTerms:
    """The shipped terms."""
    document = yaml.safe_load(resources.files(PACKAGE).joinpath("scorecard.yaml").read_text(encoding="utf-8"))
    return ScorecardTerms(
        contract=document["contract"],
        quarters_drawn=int(document["quarters_drawn"]["value"]),
        quarters_in_a_chart=int(document["quarters_in_a_chart"]["value"]),
        widest_axis=float(document["widest_axis"]["value"]),
        figures=tuple(_figure(one) for one in document["figures"]),
    )


def _figure(one: Mapping[str, Any]) -> FigureTerms:
    target, better = one.get("target", {}), one.get("better", "")
    if better not in BETTER:
        raise ContractError(f"scorecard.yaml: {one['measure']}: better is more, fewer or left out")
    return FigureTerms(
        measure=one["measure"],
        heading=one["heading"],
        question=one["question"],
        noun=one["noun"],
        better=better,
        clause=target.get("clause", ""),
        stated=Target(float(target["value"]), target["reason"]) if "value" in target else None,
    )


def thresholds(release: Path, contract: str) -> dict[str, Target]:
    """Clause → its threshold, by the contract that lies in the release; empty in a release from before it did."""
    path = release / "outcome_contracts" / f"{contract}.yaml"
    if not path.exists():
        return {}
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    return {
        clause["id"]: Target(float(clause["threshold"]), f"{document['title']}: {clause['title'][0].lower()}"
                             f"{clause['title'][1:]}")
        for clause in document["clauses"]
        if clause.get("threshold") is not None
    }  # fmt: skip
