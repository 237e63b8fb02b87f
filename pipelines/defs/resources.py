"""What a step is given: the lake and the folders around it, set by the environment, with the demo's as defaults."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import dagster as dg
from pydantic import PrivateAttr

from pipelines.defs.locking import sole_writer
from pipelines.defs.privacy import RefusingIOManager
from pipelines.lake import Lake
from schemas.data_contract import DataContracts, load_contracts

CHECKOUT = Path(__file__).parents[2]

DEFAULTS = {
    "COUNTYLINK_LAKE": str(CHECKOUT / "build/demo/lake"),
    "COUNTYLINK_LANDING": str(CHECKOUT / "build/demo/landing"),
    "COUNTYLINK_CONTRACTS": str(CHECKOUT / "data_contracts"),
    "COUNTYLINK_OUTCOME_CONTRACTS": str(CHECKOUT / "outcome_contracts"),
    "COUNTYLINK_BUNDLE": "",
    "COUNTYLINK_AS_OF": "",
}
"""Every setting of a run. An empty bundle is the shipped one; an empty as-of date is the newest that was delivered."""


def setting(name: str) -> str:
    """A setting: what the environment says, else its default."""
    return os.environ.get(name) or DEFAULTS[name]


class LakeResource(dg.ConfigurableResource):
    """The lake; a run holds its lock from its first step to its last."""

    root: str

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator["LakeResource"]:
        """Hold the lake's lock while the run lasts."""
        with sole_writer(Path(self.root)):
            yield self

    def open(self) -> Lake:
        """The lake itself."""
        return Lake(Path(self.root))


class CountyResource(dg.ConfigurableResource):
    """The folders around the lake: deliveries, contracts, outcomes contracts, linkage bundle; and the as-of date."""

    landing: str
    contracts: str
    outcome_contracts: str
    bundle: str
    as_of: str
    _loaded: DataContracts | None = PrivateAttr(default=None)

    def data_contracts(self) -> DataContracts:
        """The data contracts of the county, read once a run."""
        if self._loaded is None:
            self._loaded = load_contracts(Path(self.contracts))
        return self._loaded

    def as_of_date(self) -> date | None:
        """The as-of date that was asked for, or None for the newest that was delivered."""
        return date.fromisoformat(self.as_of) if self.as_of else None


def resources() -> dict[str, object]:
    """The resources of the code location, by the names that steps ask for."""
    return {
        "lake": LakeResource(root=setting("COUNTYLINK_LAKE")),
        "county": CountyResource(
            landing=setting("COUNTYLINK_LANDING"),
            contracts=setting("COUNTYLINK_CONTRACTS"),
            outcome_contracts=setting("COUNTYLINK_OUTCOME_CONTRACTS"),
            bundle=setting("COUNTYLINK_BUNDLE"),
            as_of=setting("COUNTYLINK_AS_OF"),
        ),
        "io_manager": RefusingIOManager(),
    }
