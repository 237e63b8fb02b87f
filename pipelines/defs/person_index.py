"""person_index/: ids that stay, and the ledger that explains every change."""

from collections.abc import Iterator

import dagster as dg

from pipelines import person_index as stage
from pipelines.defs import link, standardise
from pipelines.defs.describe import table_results, zone_keys, zone_specs
from pipelines.defs.invariants import every_client_has_one_person, ledger_replays
from pipelines.defs.privacy import told
from pipelines.defs.resources import CountyResource, LakeResource

TABLES = {
    "person_of_client": "One row per client: the person it is.",
    "ledger": "One row per event of the index: created, joined, left, merged, split, retired, with its cause.",
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


@dg.definitions
def defs() -> dg.Definitions:
    """The person_index stage: one step, with the checks that its promise rests on."""

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

    return dg.Definitions(assets=[person_index])
