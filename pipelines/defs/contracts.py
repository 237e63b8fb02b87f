"""contracts/: what each outcomes contract pays, line by line."""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg

from pipelines import contracts as stage
from pipelines.defs import outcomes
from pipelines.defs.describe import table_results, zone_keys, zone_specs
from pipelines.defs.privacy import told
from pipelines.defs.resources import CountyResource, LakeResource

TABLES = {
    "statement_lines": "One row per contract, clause, period, person and index date: quantity, price, amount.",
    "statement_line_payers": "One row per statement line and payer: what the payer owes of it.",
    "statements": "One row per contract, period and payer.",
}


@dg.definitions
def defs() -> dg.Definitions:
    """The contracts stage: one step, every table of the zone."""

    @dg.multi_asset(
        name="contracts", specs=zone_specs("contracts", "contracts", TABLES, zone_keys("outcomes", outcomes.TABLES))
    )
    @told
    def contracts(lake: LakeResource, county: CountyResource) -> Iterator[dg.MaterializeResult]:
        stage.state(lake.open(), Path(county.outcome_contracts))
        yield from table_results(lake.open(), "contracts", TABLES)

    return dg.Definitions(assets=[contracts])
