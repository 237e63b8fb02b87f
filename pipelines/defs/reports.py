"""The report of a release. It is drawn inside the release before that is sealed, so the publish step makes it."""

import dagster as dg

from pipelines.defs.describe import OWNERS, Key

REPORT_KEY = ["reports", "outcomes_report"]


def report_spec(deps: list[Key]) -> dg.AssetSpec:
    """The HTML report, read from the published tables alone."""
    return dg.AssetSpec(
        REPORT_KEY,
        deps=deps,
        group_name="reports",
        owners=OWNERS,
        kinds={"html"},
        description="One self-contained page per release: outcomes with intervals, providers, contracts, sources.",
    )
