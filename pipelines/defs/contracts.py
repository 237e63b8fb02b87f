"""contracts/: what each outcomes contract pays, line by line."""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg

from pipelines import contracts as stage
from pipelines.contracts.crossings import crossings
from pipelines.contracts.reimbursement import set_beside
from pipelines.defs import outcomes
from pipelines.defs.describe import table_results, zone_keys, zone_specs
from pipelines.defs.privacy import told
from pipelines.defs.resources import CountyResource, LakeResource

TABLES = {
    "statement_lines": "One row per contract, clause, period, person and index date: quantity, price, amount.",
    "statement_line_payers": "One row per statement line and payer: what the payer owes of it.",
    "statements": "One row per contract, period and payer.",
    "cost_reimbursement": "One row per contract, period and provider: what reimbursing cost would have paid beside it.",
}

CROSSINGS = {
    "threshold_crossings": "One row per payment step or cap and what is held against it, one way linked and another.",
    "payments_by_threshold": "One row per contract, clause and scenario of the linkage: what would be paid.",
}


@dg.definitions
def defs() -> dg.Definitions:
    """The contracts stage: one step for the statements, one for what another linkage would pay."""

    services = [["standard", "mental_health_services"], ["person_index", "person_of_client"]]
    inputs = [*services, ["episodes", "partnership_spans"], *zone_keys("outcomes", outcomes.TABLES)]

    @dg.multi_asset(name="contracts", specs=zone_specs("contracts", "contracts", TABLES, inputs))
    @told
    def contracts(lake: LakeResource, county: CountyResource) -> Iterator[dg.MaterializeResult]:
        stage.state(lake.open(), Path(county.outcome_contracts))
        set_beside(lake.open(), Path(county.outcome_contracts))
        yield from table_results(lake.open(), "contracts", TABLES)

    @dg.multi_asset(
        name="crossings",
        specs=zone_specs("contracts", "contracts", CROSSINGS, zone_keys("outcomes", outcomes.UNCERTAINTY)),
    )
    @told
    def payment_crossings(lake: LakeResource, county: CountyResource) -> Iterator[dg.MaterializeResult]:
        crossings(lake.open(), Path(county.outcome_contracts))
        yield from table_results(lake.open(), "contracts", CROSSINGS)

    return dg.Definitions(assets=[contracts, payment_crossings])
