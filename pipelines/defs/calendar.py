"""What is drawn by the calendar, for people who read: reports each month, statements each quarter.

Drawn from the latest release alone, into `reports/` beside the zones, so it tells no more than the release does.
"""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import dagster as dg
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

from pipelines.defs.describe import OWNERS, PAGES
from pipelines.defs.privacy import counts, told
from pipelines.defs.resources import LakeResource
from pipelines.errors import ReleaseError
from pipelines.lake import Lake
from pipelines.places import county_terms
from pipelines.publish.latest import latest_release
from pipelines.publish.verify import read_manifest
from pipelines.reports.scorecards.sign_off import states
from pipelines.reports.site import SiteReport, write_site

TIMEZONE = str(county_terms()["timezone"])

SITE, STATEMENTS = ["reports", "site"], ["reports", "statements"]

MONTHLY_AT = "0 7 2 * *"
"""The second of a month, after that night: the first's delivery tells of the last day of the month before."""

QUARTERLY_AT = "0 7 20 1,4,7,10 *"
"""The twentieth after a quarter: claims and bookings of its last days are in by then (contracts: dataThrough)."""

RELEASE = dg.AssetKey(["published", "release"])


TO_DO = "look at it, then `countylink statement CONTRACT --lake LAKE --period QUARTER --freeze --by NAME`"


def reports_folder(lake: Lake) -> Path:
    """Where pages drawn by the calendar lie; not a zone, and never read by a run."""
    return lake.root / "reports"


def the_latest(lake: Lake) -> Path:
    """The latest release.

    Raises:
        ReleaseError: nothing was published yet.
    """
    found = latest_release(lake)
    if found is None:
        raise ReleaseError("nothing was published yet; run the nightly job first")
    return found


def last_quarter(day: date) -> str:
    """The last quarter that ended before a day, as `2026Q3`."""
    year, quarter = (day.year, (day.month - 1) // 3) if day.month > 3 else (day.year - 1, 4)
    return f"{year}Q{quarter}"


def draw_site(lake: Lake, release: Path, out: Path) -> SiteReport:
    """Draw the site of a release into a folder, in the place of an earlier one, with who signed which scorecard."""
    return write_site(release, out, states=states(lake))


def draw_statements(release: Path, quarter: str, out: Path) -> dict[str, int]:
    """Write the published statement rows of a quarter as CSV; returns contract → rows."""
    rows = pq.read_table(release / "contract_statements.parquet")
    mine = rows.filter(pc.equal(rows["period"], quarter))
    out.mkdir(parents=True, exist_ok=True, mode=0o700)
    pyarrow.csv.write_csv(mine, out / f"{quarter}.csv")
    counted = mine.group_by("contract_id").aggregate([("contract_id", "count")]).to_pylist()
    return {row["contract_id"]: row["contract_id_count"] for row in counted}


@dg.definitions
def defs() -> dg.Definitions:
    """The two assets, their jobs and schedules; the site is also drawn anew whenever a release was made."""

    @dg.asset(
        key=SITE,
        deps=[RELEASE],
        group_name="reports",
        owners=OWNERS,
        kinds={"html"},
        metadata=PAGES,
        automation_condition=dg.AutomationCondition.eager(),
        description="The site of the latest release, for those who read, in `reports/<release>/`: scorecards, "
        "contracts, quality, dictionary.",
    )
    @told
    def site(lake: LakeResource) -> Iterator[dg.MaterializeResult]:
        release = the_latest(lake.open())
        drawn = draw_site(lake.open(), release, reports_folder(lake.open()) / release.name)
        facts = {"dagster/row_count": drawn.pages, "scorecards": drawn.scorecards, "quarters": list(drawn.quarters)}
        yield dg.MaterializeResult(
            metadata=counts({**facts, "release_id": release.name, "folder": f"reports/{release.name}"})
        )

    @dg.asset(
        key=STATEMENTS,
        deps=[RELEASE],
        group_name="reports",
        owners=OWNERS,
        kinds={"csv"},
        metadata=PAGES,
        description="What each outcomes contract pays for the last quarter, from the latest release, as a draft in "
        "`reports/statements/<quarter>.csv`. A person makes it final: `countylink statement … --freeze --by NAME`.",
    )
    @told
    def statements(lake: LakeResource) -> Iterator[dg.MaterializeResult]:
        release = the_latest(lake.open())
        quarter = last_quarter(date.fromisoformat(read_manifest(release)["inputs"]["as_of"]))
        rows = draw_statements(release, quarter, reports_folder(lake.open()) / "statements")
        yield dg.MaterializeResult(
            metadata=counts(
                {"dagster/row_count": sum(rows.values()), "quarter": quarter, "contracts": rows, "to_do": TO_DO}
            )
        )

    monthly = dg.define_asset_job(
        "monthly_reports",
        selection=dg.AssetSelection.assets(dg.AssetKey(SITE)),
        executor_def=dg.in_process_executor,
        description="Draw the pages of the latest release for those who read.",
    )
    quarterly = dg.define_asset_job(
        "quarterly_statements",
        selection=dg.AssetSelection.assets(dg.AssetKey(STATEMENTS)),
        executor_def=dg.in_process_executor,
        description="Draft what each outcomes contract pays for the quarter that ended; a person makes it final.",
    )
    return dg.Definitions(
        assets=[site, statements],
        jobs=[monthly, quarterly],
        schedules=[
            dg.ScheduleDefinition(
                name="every_month", job=monthly, cron_schedule=MONTHLY_AT, execution_timezone=TIMEZONE,
                description="The pages of the latest release, on the second of the month.",
            ),
            dg.ScheduleDefinition(
                name="every_quarter", job=quarterly, cron_schedule=QUARTERLY_AT, execution_timezone=TIMEZONE,
                description="Drafts of the statements of the quarter that ended, on the twentieth.",
            ),
        ],
    )  # fmt: skip


def keys() -> list[dg.AssetKey]:
    """What the calendar draws, so that no night does."""
    return [dg.AssetKey(SITE), dg.AssetKey(STATEMENTS)]
