"""outcomes/: every measure for every person, and its results with intervals."""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg

from pipelines import outcomes as stage
from pipelines.defs import episodes
from pipelines.defs.describe import table_results, zone_keys, zone_specs
from pipelines.defs.privacy import told
from pipelines.defs.resources import CountyResource, LakeResource

TABLES = {
    "person_measures": "One row per measure, person and index date or period, with its status.",
    "measure_results": "One row per measure, cut, cut value and period: n, numerator, estimate, 95 % interval.",
    "measure_definitions": "One row per measure: its version and what it means.",
    "unavailable_measures": "One row per measure that these extracts cannot give, and what it would need.",
    "episode_costs": "One row per episode of a member or tenant and dated unit cost: units and dollars.",
    "unknown_clients": "One row per provider and reason why nobody knows what other agencies hold: how many clients.",
}


@dg.definitions
def defs() -> dg.Definitions:
    """The outcomes stage: one step, every table of the zone."""

    @dg.multi_asset(
        name="outcomes", specs=zone_specs("outcomes", "outcomes", TABLES, zone_keys("episodes", episodes.TABLES))
    )
    @told
    def outcomes(lake: LakeResource, county: CountyResource) -> Iterator[dg.MaterializeResult]:
        stage.measure(lake.open(), Path(county.outcome_contracts) / "measures")
        yield from table_results(lake.open(), "outcomes", TABLES)

    return dg.Definitions(assets=[outcomes])
