"""episodes/: spells of persons, overlaps merged, each counted once whichever agencies saw it."""

from collections.abc import Iterator

import dagster as dg

from pipelines import episodes as stage
from pipelines.defs import person_index, standardise
from pipelines.defs.describe import table_results, zone_keys, zone_specs
from pipelines.defs.privacy import told
from pipelines.defs.resources import LakeResource

TABLES = {
    "custody": "One row per spell in jail, back-to-back and overlapping bookings merged.",
    "tenancy": "One row per spell in one programme's housing, unit transfers merged.",
    "tenancy_units": "One row per unit that a person was housed in, before units are merged.",
    "placements": "One row per person and programme: the first day housed.",
    "psychiatric_emergency": "One row per psychiatric emergency, however many agencies wrote it down.",
    "inpatient": "One row per inpatient or residential stay.",
    "partnership": "One row per spell of Full Service Partnership, re-establishments merged.",
    "partnership_spans": "One row per spell of partnership with one provider.",
    "homelessness": "One row per HMIS enrolment, under its person.",
    "deaths": "One row per person who died: the earliest day that an agency reports.",
    "persons": "One row per person: whether it can be linked, and what is needed beside the episodes.",
    "episode_sources": "One row per episode and source row: the walk back from a spell to the deliveries.",
}

INPUTS = [*zone_keys("standard", standardise.TABLES), *zone_keys("person_index", person_index.TABLES)]


@dg.definitions
def defs() -> dg.Definitions:
    """The episodes stage: one step, every table of the zone."""

    @dg.multi_asset(name="episodes", specs=zone_specs("episodes", "episodes", TABLES, INPUTS))
    @told
    def episodes(lake: LakeResource) -> Iterator[dg.MaterializeResult]:
        stage.build(lake.open())
        yield from table_results(lake.open(), "episodes", TABLES)

    return dg.Definitions(assets=[episodes])
