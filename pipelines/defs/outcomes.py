"""outcomes/: every measure for every person, and its results with intervals."""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg

from pipelines import outcomes as stage
from pipelines.defs import episodes
from pipelines.defs.describe import table_results, zone_keys, zone_specs
from pipelines.defs.privacy import told
from pipelines.defs.resources import CountyResource, LakeResource
from pipelines.uncertainty import measure_uncertainty

TABLES = {
    "person_measures": "One row per measure, person and index date or period, with its status.",
    "measure_results": "One row per measure, cut, cut value and period: n, numerator, estimate, 95 % interval.",
    "measure_definitions": "One row per measure: its version and what it means.",
    "unavailable_measures": "One row per measure that these extracts cannot give, and what it would need.",
    "episode_costs": "One row per episode of a member or tenant and dated unit cost: units and dollars.",
    "unknown_clients": "One row per provider and reason why nobody knows what other agencies hold: how many clients.",
}

UNCERTAINTY = {
    "measure_by_threshold": "One row per measure, cut, cut value, period and scenario of the linkage: the result.",
    "measure_uncertainty": "One row per measure, cut, cut value and period: the interval with link error in it.",
}


@dg.definitions
def defs() -> dg.Definitions:
    """The outcomes stage: one step for what was measured, one for what the linkage's errors do to it."""

    @dg.multi_asset(
        name="outcomes", specs=zone_specs("outcomes", "outcomes", TABLES, zone_keys("episodes", episodes.TABLES))
    )
    @told
    def outcomes(lake: LakeResource, county: CountyResource) -> Iterator[dg.MaterializeResult]:
        stage.measure(lake.open(), Path(county.outcome_contracts) / "measures")
        yield from table_results(lake.open(), "outcomes", TABLES)

    inputs = [["linked", "links"], ["person_index", "linkage_by_group"]]
    inputs += zone_keys("outcomes", ("person_measures", "measure_results"))

    @dg.multi_asset(name="uncertainty", specs=zone_specs("outcomes", "outcomes", UNCERTAINTY, inputs))
    @told
    def uncertainty(lake: LakeResource, county: CountyResource) -> Iterator[dg.MaterializeResult]:
        measure_uncertainty(lake.open(), Path(county.outcome_contracts) / "measures")
        yield from table_results(lake.open(), "outcomes", UNCERTAINTY)

    return dg.Definitions(assets=[outcomes, uncertainty])
