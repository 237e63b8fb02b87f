"""validated/: rows of the type their contract says; the others in quarantine, and bad deliveries held whole."""

from collections.abc import Iterator
from itertools import islice

import dagster as dg
import pyarrow.parquet as pq

from pipelines.defs.describe import Key, completeness, lineage_of
from pipelines.defs.ingest import county_contracts, delivered_keys, table_spec
from pipelines.defs.invariants import (
    bad_rows_are_few,
    no_breaker_tripped,
    no_delivery_is_held,
    rows_are_conserved,
    sources_are_fresh,
)
from pipelines.defs.privacy import counts, told
from pipelines.defs.resources import CountyResource, LakeResource
from pipelines.lake import Lake
from pipelines.validate import validate_deliveries
from pipelines.validate.receipts import refuse_lost_tables
from schemas.data_contract import DataContract, DataContracts


@dg.definitions
def defs() -> dg.Definitions:
    """The validate stage: one step that types rows or refuses them, and the checks on deliveries."""
    contracts = county_contracts()
    tables = contracts.all()
    specs = [table_spec("validated", "validate", one, [["raw", f"{one.agency}_{one.table}"]]) for one in tables]

    @dg.multi_asset(name="validate", specs=specs, check_specs=[_conserved(contract) for contract in tables])
    @told
    def validate(lake: LakeResource, county: CountyResource) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
        validate_deliveries(lake.open(), county.data_contracts())
        refuse_lost_tables(lake.open())
        receipts = county.receipts(lake.open())
        for contract in tables:
            own = [one.tables[contract.table] for one in receipts
                   if one.agency == contract.agency and contract.table in one.tables]  # fmt: skip
            yield dg.MaterializeResult(
                asset_key=["validated", f"{contract.agency}_{contract.table}"],
                metadata={
                    **counts({"dagster/row_count": sum(one.accepted for one in own), "deliveries": len(own)}),
                    **lineage_of(f"validated/{contract.agency}_{contract.table}", contract.column_names),
                    **completeness(_latest_file(lake.open(), contract)),
                },
            )
            yield rows_are_conserved(contract.agency, contract.table, own)

    return dg.Definitions(assets=[validate], asset_checks=[_delivery_checks(contracts)])


def _latest_file(lake: Lake, contract: DataContract) -> Iterator[pq.FileMetaData]:
    """What the file of the newest delivery that has rows of the table says of itself."""
    paths = sorted(lake.zone("validated").glob(f"{contract.agency}/*/{contract.table}.parquet"), reverse=True)
    files = (pq.read_metadata(path) for path in paths)
    yield from islice((file for file in files if file.num_rows), 1)


def _conserved(contract: DataContract) -> dg.AssetCheckSpec:
    return dg.AssetCheckSpec(
        "rows_are_conserved",
        asset=["validated", f"{contract.agency}_{contract.table}"],
        description="Rows in = accepted + quarantined + superseded, over all deliveries. If not, validate lost a row.",
        blocking=True,
    )


def _delivery_checks(contracts: DataContracts) -> dg.AssetChecksDefinition:
    @dg.multi_asset_check(name="deliveries", specs=list(_delivery_specs(contracts)))
    @told
    def delivery_checks(lake: LakeResource, county: CountyResource) -> Iterator[dg.AssetCheckResult]:
        sources = county.sources(lake.open())
        for agency in contracts.agencies:
            yield no_delivery_is_held(agency, sources.waiting)
            yield no_breaker_tripped(agency, sources.waiting)
            yield bad_rows_are_few(agency, contracts.of(agency), sources.accepted)
            yield sources_are_fresh(agency, sources)

    return delivery_checks


def _delivery_specs(contracts: DataContracts) -> Iterator[dg.AssetCheckSpec]:
    after: list[Key] = delivered_keys("validated")
    for agency in contracts.agencies:
        yield dg.AssetCheckSpec(
            "no_delivery_is_held",
            asset=["deliveries", agency],
            additional_deps=after,
            description="No delivery waits for a better one. If one does: tell the agency the rules and mends.",
        )
        yield dg.AssetCheckSpec(
            "no_breaker_tripped",
            asset=["deliveries", agency],
            additional_deps=after,
            description="No delivery is unlike those before it. If one is: ask the agency, then release it, or wait.",
        )
        yield dg.AssetCheckSpec(
            "bad_rows_are_few",
            asset=["deliveries", agency],
            additional_deps=after,
            description="No table is near the share of bad rows that holds a delivery. If one is: tell the agency.",
        )
        yield dg.AssetCheckSpec(
            "sources_are_fresh",
            asset=["deliveries", agency],
            additional_deps=after,
            description="The latest accepted delivery is as recent as the contract demands. If not: ask the agency.",
        )
