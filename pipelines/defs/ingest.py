"""deliveries/ and raw/: what the agencies sent, taken as it is."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import dagster as dg

from pipelines import ingest as stage
from pipelines.defs.describe import OWNERS, PAGES, Key, contract_pages, contract_schema, lineage_of, page, team
from pipelines.defs.invariants import landing_is_understood
from pipelines.defs.privacy import counts, told
from pipelines.defs.resources import CountyResource, LakeResource, contracts_at, setting
from pipelines.reports import wording
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
        description=f"What {wording.agency(agency)} puts into landing/{agency}/: "
        f"{', '.join(contract.table for contract in own)}.",
        metadata={
            "schedule": f"{own[0].schedule} (minute, hour, day, month, weekday)",
            "agreement": own[0].agreement_id,
            "legal_basis": own[0].legal_basis,
            "report": page(f"quarantine/{agency}/data_quality.html"),
            "contract": dg.MetadataValue.path(f"data_contracts/incoming/{agency}/"),
        },
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
        metadata={
            "dagster/column_schema": contract_schema(contract),
            **lineage_of(f"{zone}/{contract.agency}_{contract.table}", contract.column_names),
            **contract_pages(contract.agency, contract.table),
        },
    )


READS_ALL = "countylink/read_all"
"""Tag of a run that reads every delivered file again, though nothing about it changed."""

TAKEN_KEY = ["raw", "deliveries"]

CHECK = dg.AssetCheckSpec(
    "landing_is_understood",
    asset=TAKEN_KEY,
    description="Everything in the landing folder is an agency's delivery. If not: each entry is named with its mend.",
)


@dg.definitions
def defs() -> dg.Definitions:
    """The ingest stage: the landing folders as they are, and one step that takes what is new in them."""
    contracts = county_contracts()
    folders = [["deliveries", agency] for agency in contracts.agencies]
    taken = dg.AssetSpec(
        TAKEN_KEY,
        deps=folders,
        group_name="ingest",
        owners=OWNERS,
        kinds={"json"},
        description="One folder per delivery: its files as sent, their hashes, and what is wrong with them.",
        metadata=PAGES,
    )
    tables = [table_spec("raw", "ingest", one, [["deliveries", one.agency]]) for one in contracts.all()]

    @dg.multi_asset(name="ingest", specs=[taken, *tables], check_specs=[CHECK])
    @told
    def ingest(
        context: dg.AssetExecutionContext, lake: LakeResource, county: CountyResource
    ) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
        looking = county.looking(is_weekly=READS_ALL in context.run.tags)
        report = stage.take_deliveries(lake.open(), Path(county.landing), county.data_contracts(), looking)
        found = stage.deliveries(lake.open())
        yield dg.MaterializeResult(asset_key=TAKEN_KEY, metadata=counts(_counts(report, found)))
        for contract in contracts.all():
            own = [one for one in found if one.agency == contract.agency]
            yield dg.MaterializeResult(
                asset_key=["raw", f"{contract.agency}_{contract.table}"],
                metadata={
                    **counts({"dagster/row_count": sum(one.rows(contract.table) for one in own)}),
                    **lineage_of(f"raw/{contract.agency}_{contract.table}", contract.column_names),
                },
            )
        yield landing_is_understood(report)

    return dg.Definitions(assets=[*(delivery_spec(agency, contracts) for agency in contracts.agencies), ingest])


def _counts(report: stage.IngestReport, found: Sequence[stage.Delivery]) -> dict[str, int]:
    return {"dagster/row_count": len(found), "new": len(report.taken), "sent_again": len(report.known)}
