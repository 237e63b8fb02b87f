"""published/: a release, whole or absent, and its report."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import dagster as dg

from pipelines import publish as stage
from pipelines.defs import contracts, outcomes
from pipelines.defs.describe import OWNERS, PAGES, lineage_of, published_schema, zone_keys
from pipelines.defs.invariants import (
    audit_log_is_whole,
    no_release_is_held,
    release_verifies,
    small_cells_are_withheld,
)
from pipelines.defs.pictures import outcome_plots
from pipelines.defs.privacy import counts, told
from pipelines.defs.reports import REPORT_KEY, report_spec
from pipelines.defs.resources import CountyResource, LakeResource
from pipelines.places import county_terms
from pipelines.publish.published_contracts import PublishedTable
from pipelines.reports import draw_all

RELEASE_KEY = ["published", "release"]

FRESH = dg.FreshnessPolicy.cron(
    deadline_cron="0 6 * * *", lower_bound_delta=timedelta(hours=3), timezone=str(county_terms()["timezone"])
)
"""Between three and six in the morning a night has run; what it ran on, the checks of the deliveries say."""

INPUTS = [
    *zone_keys("standard", ("clients", "data_through", "providers")),
    *zone_keys("person_index", ("person_of_client", "linkage_by_group", "linkage_figures")),
    *zone_keys("outcomes", [*outcomes.TABLES, "measure_uncertainty"]),
    *zone_keys("contracts", contracts.TABLES),
]

CHECKS = [
    dg.AssetCheckSpec(
        "release_verifies",
        asset=RELEASE_KEY,
        description="Every byte, row count and contract is as the manifest says. If not: move it away, run again.",
        blocking=True,
    ),
    dg.AssetCheckSpec(
        "no_release_is_held",
        asset=RELEASE_KEY,
        description="No figure lies beyond its band (pipelines/publish/gate/bands.yaml), and linkage did not drift. "
        "Else look (`countylink release show ID`); `countylink release approve | drop ID --by NAME --reason TEXT`.",
    ),
    dg.AssetCheckSpec(
        "audit_log_is_whole",
        asset=RELEASE_KEY,
        description="No act was edited, removed, moved or cut off. If one was: `countylink verify-audit` says where.",
    ),
    dg.AssetCheckSpec(
        "small_cells_are_withheld",
        asset=RELEASE_KEY,
        description="No aggregate tells a count of 1 to 10. A warning: what earlier releases told gives small changes "
        "away, whatever is withheld now. `countylink disclosure audit` says of which tables (docs/disclosure.md).",
        blocking=True,
    ),
]


def _table_spec(table: PublishedTable) -> dg.AssetSpec:
    return dg.AssetSpec(
        ["published", table.name],
        deps=INPUTS,
        group_name="publish",
        owners=OWNERS,
        kinds={"parquet"},
        tags={"tier": table.tier, "contract_version": table.version},
        description=f"{table.title}: {table.grain}. {table.limitations}",
        metadata={
            "dagster/column_schema": published_schema(table),
            **lineage_of(f"published/{table.name}", [one.name for one in table.columns]),
            "contract": dg.MetadataValue.path(f"data_contracts/published/{table.name}.odcs.yaml"),
            **PAGES,
        },
    )


def _release_spec(tables: list[PublishedTable]) -> dg.AssetSpec:
    return dg.AssetSpec(
        RELEASE_KEY,
        deps=zone_keys("published", [table.name for table in tables]),
        group_name="publish",
        owners=OWNERS,
        kinds={"parquet"},
        description="The release as a whole: manifest, data dictionary, tables, report; `latest` points at the newest.",
        metadata=PAGES,
        freshness_policy=FRESH,
    )


@dg.definitions
def defs() -> dg.Definitions:
    """The publish stage: one step writes the release with its report, verifies it and makes it the latest."""
    tables = list(stage.load_published_contracts().values())
    specs = [
        *map(_table_spec, tables),
        _release_spec(tables),
        report_spec(zone_keys("published", (t.name for t in tables))),
    ]

    @dg.multi_asset(name="publish", specs=specs, check_specs=CHECKS)
    @told
    def publish(lake: LakeResource, county: CountyResource) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
        report = stage.publish(
            lake.open(),
            contracts=county.data_contracts(),
            outcome_contracts=Path(county.outcome_contracts),
            bundle_version=county.bundle_version(lake.open()),
            as_of=county.run_date(lake.open()),
            held=county.held(lake.open()),
            model_card=county.linkage_bundle(lake.open()).model_card,
            draw=draw_all,
        )
        for table in tables:
            rows = report.rows.get(table.name, 0)
            names = [one.name for one in table.columns]
            lineage = lineage_of(f"published/{table.name}", names)
            pictures = outcome_plots(report.release) if table.name == "measure_results" else {}
            yield dg.MaterializeResult(
                asset_key=["published", table.name], metadata={"dagster/row_count": rows, **lineage, **pictures}
            )
        yield dg.MaterializeResult(
            asset_key=RELEASE_KEY,
            metadata=counts({"dagster/row_count": sum(report.rows.values()), **_facts(report)}),
        )
        yield dg.MaterializeResult(
            asset_key=REPORT_KEY, metadata=counts({"dagster/row_count": 1, "release_id": report.release_id})
        )
        yield release_verifies(report)
        yield no_release_is_held(report)
        yield audit_log_is_whole(lake.open())
        yield small_cells_are_withheld(report)

    return dg.Definitions(assets=[publish])


def _facts(report: stage.PublishReport) -> dict[str, object]:
    return {
        "release_id": report.release_id,
        "is_new": report.is_new,
        "is_latest": report.is_latest,
        "status": report.status,
        "findings": report.findings,
        "folder": report.release.parent.name,
        "stale_agencies": list(report.stale_agencies),
    }
