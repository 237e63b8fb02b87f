"""deliveries/ and raw/: what the agencies sent, taken as it is."""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg

from pipelines.defs.describe import Key, contract_schema, team
from pipelines.defs.privacy import counts, told
from pipelines.defs.resources import CountyResource, LakeResource, contracts_at, setting
from pipelines.ingest import take_deliveries
from schemas.data_contract import DataContract, DataContracts


def county_contracts() -> DataContracts:
    """The data contracts that the code location is set to."""
    return contracts_at(setting("COUNTYLINK_CONTRACTS"))


def delivered_keys(zone: str) -> list[Key]:
    """Asset keys of every agency's tables in `raw` or `validated`."""
    return [[zone, f"{contract.agency}_{contract.table}"] for contract in county_contracts().all()]


def delivery_spec(agency: str, contracts: DataContracts) -> dg.AssetSpec:
    """An agency's landing folder: filled by the agency, never by us."""
    own = contracts.of(agency)
    return dg.AssetSpec(
        ["deliveries", agency],
        group_name="deliveries",
        owners=[team(own[0].owner)],
        kinds={"csv"},
        description=f"What {agency} puts into landing/{agency}/: {', '.join(contract.table for contract in own)}.",
        metadata={"schedule": own[0].schedule, "agreement": own[0].agreement_id, "legal_basis": own[0].legal_basis},
    )


def table_spec(zone: str, group: str, contract: DataContract, deps: list[Key]) -> dg.AssetSpec:
    """An agency's table in `raw` or `validated`."""
    return dg.AssetSpec(
        [zone, f"{contract.agency}_{contract.table}"],
        deps=deps,
        group_name=group,
        owners=[team(contract.owner)],
        kinds={"parquet"},
        tags={"agency": contract.agency, "contract_version": contract.version, "semantics": contract.semantics},
        description=f"{contract.title}: {contract.grain}.",
        metadata={"dagster/column_schema": contract_schema(contract)},
    )


@dg.definitions
def defs() -> dg.Definitions:
    """The ingest stage: one step an agency, so that one agency's trouble is its own."""
    contracts = county_contracts()
    steps = [_ingest(agency, contracts) for agency in contracts.agencies]
    return dg.Definitions(assets=[*(delivery_spec(agency, contracts) for agency in contracts.agencies), *steps])


def _ingest(agency: str, contracts: DataContracts) -> dg.AssetsDefinition:
    own = contracts.of(agency)

    @dg.multi_asset(
        name=f"ingest_{agency}",
        specs=[table_spec("raw", "ingest", contract, [["deliveries", agency]]) for contract in own],
    )
    def ingest_agency(lake: LakeResource, county: CountyResource) -> Iterator[dg.MaterializeResult]:
        report = told(take_deliveries)(lake.open(), Path(county.landing), county.data_contracts(), agency=agency)
        for contract in own:
            yield dg.MaterializeResult(
                asset_key=["raw", f"{agency}_{contract.table}"],
                metadata=counts({"dagster/row_count": report.rows.get(contract.table, 0)}),
            )

    return ingest_agency
