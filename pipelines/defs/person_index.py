"""person_index/: ids that stay, and the ledger that explains every change."""

from collections.abc import Iterator

import dagster as dg

from pipelines import person_index as stage
from pipelines.defs import drift, link, standardise
from pipelines.defs.describe import table_results, zone_keys, zone_specs
from pipelines.defs.invariants import every_client_has_one_person, ledger_replays, no_model_waits
from pipelines.defs.pictures import linkage_plots
from pipelines.defs.privacy import told
from pipelines.defs.resources import CountyResource, LakeResource
from pipelines.review import labels_by_group

TABLES = {
    "person_of_client": "One row per client: the person it is.",
    "ledger": "One row per event of the index: created, joined, left, merged, split, retired, with its cause.",
}

QUALITY_TABLES = {
    "client_attributes": "One row per client: the groups that linkage quality is told by. Never used for linking.",
    "linkage_by_group": "One row per cut and value: link rate, doubt, precision and recall by reviewers' labels where "
    "any are kept, and what the model expects of itself.",
    "linkage_figures": "One row per figure and part: weights, cluster sizes, rules, placeholders of this run.",
    "linkage_runs": "One row per run, figure and part: the figures of every run.",
}

INPUTS = [*zone_keys("linked", link.TABLES), *zone_keys("standard", standardise.TABLES)]

CHECKS = [
    dg.AssetCheckSpec(
        "every_client_has_one_person",
        asset=["person_index", "person_of_client"],
        description="Each client of the standard zone is one person's. If not: look at linked/clusters, run again.",
        blocking=True,
    ),
    dg.AssetCheckSpec(
        "ledger_replays",
        asset=["person_index", "ledger"],
        description="Replaying the ledger from its first event gives the index. If not: restore its last version.",
        blocking=True,
    ),
]


WAITING = dg.AssetCheckSpec(
    "no_model_waits",
    asset=["person_index", "linkage_runs"],
    description="The lake is linked with the newest bundle. If not: `countylink migrate-model` shows what it changes.",
)


@dg.definitions
def defs() -> dg.Definitions:
    """The person_index stage: the index with the checks that its promise rests on, and how good the linkage is."""

    @dg.multi_asset(
        name="person_index", specs=zone_specs("person_index", "person_index", TABLES, INPUTS), check_specs=CHECKS
    )
    @told
    def person_index(
        lake: LakeResource, county: CountyResource
    ) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
        stage.update(lake.open(), county.run_date(lake.open()), county.linkage_inputs(lake.open()))
        yield from table_results(lake.open(), "person_index", TABLES)
        yield every_client_has_one_person(lake.open())
        yield ledger_replays(lake.open())

    @dg.multi_asset(
        name="linkage_quality",
        specs=zone_specs("person_index", "person_index", QUALITY_TABLES, INPUTS),
        check_specs=[*drift.specs(), WAITING],
    )
    @told
    def linkage_quality(
        lake: LakeResource, county: CountyResource
    ) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
        inputs = county.linkage_inputs(lake.open())
        bundle = county.linkage_bundle(lake.open())
        as_of = county.run_date(lake.open())
        stage.assess(lake.open(), as_of, inputs, bundle.version, bundle.thresholds, labels_by_group)
        pictures = {"linkage_figures": linkage_plots(lake.open())}
        yield from table_results(lake.open(), "person_index", QUALITY_TABLES, pictures=pictures)
        yield from drift.checks(lake.open(), inputs)
        yield no_model_waits(lake.open(), county.offered_bundle())

    return dg.Definitions(assets=[person_index, linkage_quality])
