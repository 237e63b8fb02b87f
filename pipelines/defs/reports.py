"""The pages: the report of a release, drawn by the publish step inside it; and data quality, for the agencies."""

from collections.abc import Iterator

import dagster as dg

from pipelines.defs.describe import OWNERS, PAGES, Key
from pipelines.defs.ingest import delivered_keys
from pipelines.defs.privacy import counts, told
from pipelines.defs.resources import CountyResource, LakeResource
from pipelines.reports.data_quality import draw_all_data_quality

REPORT_KEY = ["reports", "outcomes_report"]


def report_spec(deps: list[Key]) -> dg.AssetSpec:
    """The HTML report, read from the published tables alone."""
    return dg.AssetSpec(
        REPORT_KEY,
        deps=deps,
        group_name="reports",
        owners=OWNERS,
        kinds={"html"},
        metadata=PAGES,
        description="One self-contained page per release: outcomes with intervals, providers, contracts, sources.",
    )


@dg.definitions
def defs() -> dg.Definitions:
    """The data-quality pages; they lie in the quarantine, for they go back to who sent the rows."""

    @dg.asset(
        key=["reports", "data_quality"],
        deps=[dg.AssetKey(key) for key in delivered_keys("validated")],
        group_name="reports",
        owners=OWNERS,
        kinds={"html"},
        metadata=PAGES,
        description="A page an agency, `quarantine/<agency>/data_quality.html`: what was refused, and how to mend it.",
    )
    @told
    def data_quality(lake: LakeResource, county: CountyResource) -> Iterator[dg.MaterializeResult]:
        pages = draw_all_data_quality(lake.open(), county.data_contracts())
        places = {page.parent.name: str(page.relative_to(lake.open().root)) for page in pages}
        yield dg.MaterializeResult(metadata=counts({"dagster/row_count": len(pages), "pages": places}))

    return dg.Definitions(assets=[data_quality])
