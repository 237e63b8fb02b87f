"""linked/: pairs of identities scored by the pinned model, and the clusters of clients they make."""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from pipelines import link as stage
from pipelines.defs.describe import table_results, zone_keys, zone_specs
from pipelines.defs.invariants import decisions_agree, incremental_is_full, unlinkable_clients_are_few
from pipelines.defs.privacy import told
from pipelines.defs.resources import CountyResource, LakeResource
from pipelines.defs.standardise import TABLES as STANDARD_TABLES

TABLES = {
    "links": "One row per scored pair of identities: its match weight, and the reasons for it.",
    "clusters": "One row per client: the cluster it is in. Clusters have no memory; persons have.",
}

ORACLE = "incremental_is_full"
"""The check that scores everything anew: weekly, not nightly."""

WEEKLY = dg.AssetCheckSpec(
    ORACLE,
    asset=["linked", "clusters"],
    description="A full run gives the same scores, bit by bit, and the same clusters. If not: keep the lake as it is, "
    "and look at what `countylink relink --verify` says.",
)

CHECKS = [
    dg.AssetCheckSpec(
        "unlinkable_clients_are_few",
        asset=["linked", "clusters"],
        description="Few clients lack comparable names. If many: ask the agency why it sends hashes or placeholders.",
    ),
    dg.AssetCheckSpec(
        "decisions_agree",
        asset=["linked", "clusters"],
        description="No reviewer's decision contradicts another. If not: `countylink decide conflicts` names them.",
    ),
]


def told_of_links(report: stage.LinkReport) -> dict[str, Any]:
    """What the run scored: counts, and which rules met the pairs."""
    return {
        "model": report.bundle_version,
        "everything_scored_anew": report.is_full,
        "candidate_pairs": report.candidate_pairs,
        "candidate_pairs_by_rule": dict(report.met_by_rule),
        "links_by_rule": dict(report.pairs_by_rule),
        "links_forbidden_by_guards": report.forbidden_pairs,
        "links_whose_guard_was_overruled": report.overruled_pairs,
    }


@dg.definitions
def defs() -> dg.Definitions:
    """The link stage: one step, scores and clusters."""

    @dg.multi_asset(
        name="link",
        specs=zone_specs("linked", "link", TABLES, zone_keys("standard", STANDARD_TABLES)),
        check_specs=CHECKS,
    )
    @told
    def link(lake: LakeResource, county: CountyResource) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
        report = stage.link(lake.open(), county.linkage_bundle(lake.open()), choice=county.engine_choice())
        yield from table_results(lake.open(), "linked", TABLES, {"links": told_of_links(report)})
        yield unlinkable_clients_are_few(lake.open())
        yield decisions_agree(report)

    @dg.multi_asset_check(name=ORACLE, specs=[WEEKLY])
    @told
    def weekly_oracle(lake: LakeResource, county: CountyResource) -> Iterator[dg.AssetCheckResult]:
        yield incremental_is_full(lake.open(), county.linkage_bundle(lake.open()))

    return dg.Definitions(assets=[link], asset_checks=[weekly_oracle])
