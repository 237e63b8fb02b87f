"""Every stage after validation over a lake that was set aside, and how its release differs from the one of then."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from linkage_rules.bundle import Bundle
from pipelines import contracts, episodes, link, outcomes, person_index, standardise, uncertainty
from pipelines.lake import Lake
from pipelines.past_days.aside import past_days_folder
from pipelines.publish import publish
from pipelines.publish.difference import difference
from pipelines.publish.latest import newest_release
from pipelines.publish.verify import read_manifest
from pipelines.validate import Receipt
from schemas.data_contract import DataContracts


@dataclass(frozen=True)
class Night:
    """What a run of a day rests on, beside the lake."""

    as_of: date
    contracts: DataContracts
    outcome_contracts: Path
    bundle: Bundle
    inputs: Mapping[str, str]
    held: Sequence[Receipt]


@dataclass(frozen=True)
class Verdict:
    """What a past day came to: its release, the one of then, and what differs. Counts and codes alone."""

    release_id: str
    release: Path
    published_then: str
    """Id of the release that was published of that day; empty if none was."""
    causes: tuple[str, ...]
    """Inputs that are not what they were."""
    differing_tables: tuple[str, ...]
    rows: int

    @property
    def is_same(self) -> bool:
        """Whether the day comes to what was published of it."""
        return bool(self.published_then) and not self.differing_tables


def recompute(lake: Lake, aside: Lake, night: Night, draw: Callable[[Path], object] | None = None) -> Verdict:
    """Run the day over `aside`, and keep its release in `lake`'s `past_days/<day>/`, in the place of an earlier one.

    Raises:
        CountylinkError: a stage or the publication failed; an earlier release of the day stays.
    """
    measures = night.outcome_contracts / "measures"
    standardise.standardise(aside, night.contracts, night.as_of)
    link.link(aside, night.bundle)
    person_index.update(aside, night.as_of, night.inputs)
    person_index.assess(aside, night.as_of, night.inputs, night.bundle.version, night.bundle.thresholds)
    episodes.build(aside)
    outcomes.measure(aside, measures)
    uncertainty.measure_uncertainty(aside, measures)
    contracts.state(aside, night.outcome_contracts)
    report = publish(
        aside,
        contracts=night.contracts,
        outcome_contracts=night.outcome_contracts,
        bundle_version=f"{night.bundle.version} {night.bundle.sha256[:12]}",
        as_of=night.as_of,
        held=night.held,
        model_card=night.bundle.model_card,
        draw=draw,
    )
    kept = _keep(lake, night.as_of, report.release)
    return _verdict(lake, night.as_of, kept, sum(report.rows.values()))


def _keep(lake: Lake, day: date, release: Path) -> Path:
    target = past_days_folder(lake) / day.isoformat()
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True, mode=0o700)
    release.rename(target / release.name)
    return target / release.name


def _verdict(lake: Lake, day: date, release: Path, rows: int) -> Verdict:
    then = newest_release(lake, up_to=day)
    if then is None or read_manifest(then)["inputs"]["as_of"] != day.isoformat():
        return Verdict(release.name, release, "", (), (), rows)
    found = difference(then, release)
    return Verdict(
        release_id=release.name,
        release=release,
        published_then=then.name,
        causes=tuple(one.cause_code for one in found.causes),
        differing_tables=tuple(str(one["table_name"]) for one in found.tables),
        rows=rows,
    )
