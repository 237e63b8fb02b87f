"""A small synthetic county, delivered night by night into lakes of the tests."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from pipelines import contracts as contracts_stage
from pipelines import episodes, ingest, link, outcomes, person_index, standardise, uncertainty, validate
from pipelines.commands.nightly import RunSettings, run_nightly
from pipelines.commands.summary import RunSummary
from pipelines.defs.resources import CountyResource, contracts_at
from pipelines.lake import Lake
from pipelines.operations.state import write_state
from pipelines.publish import PublishReport, publish
from pipelines.reports import draw_all

PEOPLE, SEED = 500, 11
NIGHTS = ("2026-11-01", "2026-11-02", "2026-11-03")
CHECKOUT = Path(__file__).parents[2]
CONTRACTS = CHECKOUT / "data_contracts"
OUTCOME_CONTRACTS = CHECKOUT / "outcome_contracts"
AGENCIES = ("fhsp", "health", "hmis", "mental_health", "sheriff")


@dataclass
class Place:
    """A landing folder and a lake, and what was said during the runs on them."""

    root: Path
    contracts: Path = CONTRACTS
    said: list[str] = field(default_factory=list)

    @property
    def landing(self) -> Path:
        """Where deliveries are put."""
        return self.root / "landing"

    @property
    def lake(self) -> Lake:
        """The lake of the runs."""
        return Lake(self.root / "lake")

    def deliver(self, county: Path, nights: Iterable[str], agencies: Iterable[str] = AGENCIES) -> Place:
        """Put the deliveries of some nights into the landing folder."""
        for agency in agencies:
            for night in nights:
                shutil.copytree(county / "landing" / agency / night, self.landing / agency / night)
        return self

    def run(self, as_of: str = "") -> RunSummary:
        """Run the nightly job as `countylink run` does."""
        settings = RunSettings(lake=self.lake.root, landing=self.landing, contracts=self.contracts, as_of=as_of)
        return run_nightly(settings, self.said.append)

    def run_stages(self) -> PublishReport:
        """Run every stage without Dagster, in the order of the house."""
        lake = self.lake
        data_contracts = contracts_at(str(self.contracts))
        county = CountyResource(landing="", contracts=str(self.contracts), outcome_contracts="", bundle="", as_of="")
        self.run_up_to_link()
        bundle, inputs, as_of = county.linkage_bundle(lake), county.linkage_inputs(lake), county.run_date(lake)
        person_index.update(lake, as_of, inputs)
        person_index.assess(lake, as_of, inputs, bundle.version, bundle.thresholds)
        episodes.build(lake)
        outcomes.measure(lake)
        uncertainty.measure_uncertainty(lake)
        contracts_stage.state(lake, OUTCOME_CONTRACTS)
        return publish(
            lake,
            contracts=data_contracts,
            outcome_contracts=OUTCOME_CONTRACTS,
            bundle_version=county.bundle_version(lake),
            as_of=county.run_date(lake),
            held=county.held(lake),
            draw=draw_all,
            model_card=county.linkage_bundle(lake).model_card,
        )

    def run_up_to_link(self) -> None:
        """Run the stages that make clusters of clients."""
        data_contracts = contracts_at(str(self.contracts))
        county = CountyResource(landing="", contracts=str(self.contracts), outcome_contracts="", bundle="", as_of="")
        write_state(self.lake)
        ingest.take_deliveries(self.lake, self.landing, data_contracts)
        validate.validate_deliveries(self.lake, data_contracts)
        standardise.standardise(self.lake, data_contracts, county.run_date(self.lake))
        link.link(self.lake, county.linkage_bundle(self.lake))

    def copy(self, root: Path) -> Place:
        """The same landing folder and lake, to be changed."""
        shutil.copytree(self.root, root, symlinks=True)
        return Place(root, self.contracts)

    def use_key_of(self, other: Place) -> Place:
        """Give the lake another's person key, so that their releases can be compared byte by byte."""
        shutil.copytree(other.lake.root / "keys", self.lake.root / "keys")
        return self

    def remember_as(self, other: Place) -> Place:
        """Give the lake what another told before its last release, so that both hold their own against the same."""
        told = sorted((other.lake.root / "disclosure").glob("[0-9]*_*"))[:-1]
        for folder in told:
            shutil.copytree(folder, self.lake.root / "disclosure" / folder.name)
        return self

    @property
    def latest(self) -> Path:
        """The latest release."""
        return (self.lake.root / "published" / "outcomes" / "latest").resolve()

    def query(self, text: str) -> list[tuple[Any, ...]]:
        """Ask the lake; `{zone.table}` stands for a table."""
        with duckdb.connect() as connection:
            zones = ("standard", "linked", "person_index", "episodes", "outcomes", "contracts")
            for path in sorted(path for zone in zones for path in (self.lake.root / zone).glob("*.parquet")):
                connection.execute(f"create schema if not exists {path.parent.name}")
                connection.execute(f"create view {path.parent.name}.{path.stem} as from read_parquet('{path}')")
            return connection.execute(text).fetchall()


def contents(folder: Path) -> Mapping[str, bytes]:
    """Every file below a folder, by relative name."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def aggregates(release: Path) -> dict[str, list[tuple[Any, ...]]]:
    """The published tables that name no person, as rows."""
    tables = ("measure_results", "contract_statements", "data_through", "linkage_quality", "providers", "deliveries",
              "linkage_by_group", "linkage_figures")  # fmt: skip
    with duckdb.connect() as connection:
        return {name: connection.execute(f"from '{release / name}.parquet'").fetchall() for name in tables}


PARTITION = """
    select list(client_key order by client_key) from person_index.person_of_client group by person_id order by 1
"""

PERSON_MEASURES = """
    with persons as (select person_id, min(client_key) as person from person_index.person_of_client group by person_id)
    select m.* exclude (person_id), person
    from outcomes.person_measures as m inner join persons using (person_id) order by all
"""
