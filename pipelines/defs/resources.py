"""What a step is given: the lake and the folders around it, set by the environment, with the demo's as defaults."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import date
from pathlib import Path

import dagster as dg

from linkage_rules.bundle import Bundle, load_bundle, shipped_bundle
from pipelines.defs.locking import clear_leftovers, sole_writer
from pipelines.defs.privacy import RefusingIOManager
from pipelines.errors import CountylinkError, LakeError
from pipelines.ingest import Looking
from pipelines.lake import Lake
from pipelines.link.engine import USUAL, EngineChoice
from pipelines.link.pin import bundle_of
from pipelines.link.ties import decisions_sha256
from pipelines.operations.disk import room_for_a_run
from pipelines.past_days import stands_at
from pipelines.places import COUNTY, SHIPPED
from pipelines.publish.sources import Sources, sources_of
from pipelines.validate import Receipt, accepted_deliveries, receipts
from schemas import data_contract
from schemas.data_contract import DataContracts

DATA = COUNTY if COUNTY != SHIPPED else SHIPPED / "build" / "demo"
"""Where a lake lies if nobody says so: in the county's folder, or the demo's."""

DEFAULTS = {
    "COUNTYLINK_LAKE": str(DATA / "lake"),
    "COUNTYLINK_LANDING": str(DATA / "landing"),
    "COUNTYLINK_CONTRACTS": str(COUNTY / "data_contracts"),
    "COUNTYLINK_OUTCOME_CONTRACTS": str(COUNTY / "outcome_contracts"),
    "COUNTYLINK_BUNDLE": "",
    "COUNTYLINK_AS_OF": "",
    "COUNTYLINK_ENGINE": USUAL.name,
    "COUNTYLINK_SPARK_MASTER": USUAL.spark_master,
    "COUNTYLINK_SETTLE_SECONDS": "0",
    "COUNTYLINK_READ_ALL": "",
}
"""Every setting of a run. An empty bundle is the shipped one; an empty as-of date is the newest that was delivered."""


def setting(name: str) -> str:
    """A setting: what the environment says, else its default."""
    return os.environ.get(name) or DEFAULTS[name]


def contracts_at(folder: str) -> DataContracts:
    """The data contracts of a folder; a process reads and checks them once, so that all its steps use the same."""
    return data_contract.contracts_at(Path(folder))


class LakeResource(dg.ConfigurableResource):
    """The lake; a run holds its lock from its first step to its last."""

    root: str

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator["LakeResource"]:
        """Hold the lake's lock while the run lasts."""
        with ExitStack() as held:
            with _told_in(context):
                held.enter_context(sole_writer(Path(self.root)))
                clear_leftovers(self.open())
                held.enter_context(room_for_a_run(self.open()))
            yield self

    def open(self) -> Lake:
        """The lake itself."""
        return Lake(Path(self.root))


@contextmanager
def _told_in(context: dg.InitResourceContext) -> Iterator[None]:
    """Say why a run cannot begin, in its log: Dagster masks what a resource raises, and ours holds no value."""
    try:
        yield
    except CountylinkError as error:
        if context.log is not None:
            context.log.error(str(error))
        raise


class CountyResource(dg.ConfigurableResource):
    """The folders around the lake: deliveries, contracts, outcomes contracts, linkage bundle; and the as-of date."""

    landing: str
    contracts: str
    outcome_contracts: str
    bundle: str
    as_of: str
    engine: str = USUAL.name
    spark_master: str = USUAL.spark_master
    settle_seconds: float = 0.0
    reads_all: bool = False

    def looking(self, *, is_weekly: bool = False) -> Looking:
        """How the landing folder is looked at: what may still be growing waits; once a week every byte is read."""
        return Looking(settle_seconds=self.settle_seconds, everything=self.reads_all or is_weekly)

    def data_contracts(self) -> DataContracts:
        """The data contracts of the county, read once a run."""
        return contracts_at(self.contracts)

    def receipts(self, lake: Lake) -> list[Receipt]:
        """Every delivery's receipt up to the run's date, held ones too."""
        everything = receipts(lake)
        asked = self.as_of_date()
        return [one for one in everything if asked is None or one.as_of <= asked]

    def run_date(self, lake: Lake) -> date:
        """The run's as-of date: the one that was asked for, else the newest that was delivered; never the clock."""
        asked = self.as_of_date()
        newest = max((one.as_of for one in receipts(lake)), default=None)
        refuse_going_back(lake, asked)
        if asked is None and newest is None:
            raise LakeError("nothing was ever delivered: the landing folder holds no delivery that a contract names")
        return asked or newest or date.min

    def held(self, lake: Lake) -> list[Receipt]:
        """Receipts of the held deliveries up to the run's date."""
        return [one for one in self.receipts(lake) if not one.is_accepted]

    def sources(self, lake: Lake) -> Sources:
        """What the run rests on: accepted and held deliveries, and how late an agency may be."""
        as_of = self.run_date(lake)
        return sources_of(self.data_contracts(), as_of, accepted_deliveries(lake, as_of), self.held(lake))

    def offered_bundle(self) -> Bundle:
        """The linkage model that was named, else the one that is shipped."""
        return load_bundle(Path(self.bundle)) if self.bundle else shipped_bundle()

    def linkage_bundle(self, lake: Lake) -> Bundle:
        """The linkage model of the lake: the pinned one, or the first that is offered."""
        return bundle_of(lake, self.offered_bundle(), is_named=bool(self.bundle))

    def bundle_version(self, lake: Lake) -> str:
        """Name and fingerprint of the linkage model, as a manifest tells it."""
        bundle = self.linkage_bundle(lake)
        return f"{bundle.version} {bundle.sha256[:12]}"

    def engine_choice(self) -> EngineChoice:
        """What scores pairs: DuckDB on this machine, or a Spark master."""
        return EngineChoice(self.engine, self.spark_master)

    def linkage_inputs(self, lake: Lake) -> dict[str, str]:
        """Fingerprints of what the clusters were made from, by kind; the ledger names those that changed as causes."""
        accepted = accepted_deliveries(lake, self.run_date(lake))
        ids = "\n".join(sorted(receipt.delivery_id for receipt in accepted))
        return {
            "deliveries": hashlib.sha256(ids.encode()).hexdigest(),
            "model": self.linkage_bundle(lake).sha256,
            "decisions": decisions_sha256(lake),
        }

    def as_of_date(self) -> date | None:
        """The as-of date that was asked for, or None for the newest that was delivered."""
        return date.fromisoformat(self.as_of) if self.as_of else None


def refuse_going_back(lake: Lake, asked: date | None) -> None:
    """Refuse a run of a day before the one that the lake stands at: clients who came since would get other persons.

    Raises:
        LakeError: the day is past; it can be computed beside the lake.
    """
    stands = stands_at(lake)
    if asked is not None and stands is not None and asked < stands:
        raise LakeError(
            f"the lake stands at {stands}, and a run of {asked} would take back who is which person; compute that day "
            f"beside the lake: `countylink past-day {asked}`, or a backfill of past_days/release in the Dagster UI"
        )


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
            engine=setting("COUNTYLINK_ENGINE"),
            spark_master=setting("COUNTYLINK_SPARK_MASTER"),
            settle_seconds=float(setting("COUNTYLINK_SETTLE_SECONDS")),
            reads_all=bool(setting("COUNTYLINK_READ_ALL")),
        ),
        "io_manager": RefusingIOManager(),
    }
