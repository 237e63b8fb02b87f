"""past_days/: a past day computed again beside the lake. A backfill of it never moves `latest` (ADR 22)."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import dagster as dg

from pipelines.defs.describe import OWNERS, page
from pipelines.defs.ingest import delivered_keys
from pipelines.defs.privacy import counts, told
from pipelines.defs.resources import CountyResource, LakeResource
from pipelines.lake import Lake
from pipelines.past_days import Night, Verdict, recompute, set_aside
from pipelines.places import county_terms
from pipelines.publish.latest import latest_release
from pipelines.reports import draw_all

KEY = ["past_days", "release"]

JOB = "past_day"

POOL = "lake"
"""One at a time, as everything that writes to the lake."""

FIRST_DAY = str(county_terms().get("first_day", "2026-11-01"))
"""The first day that can be asked for; `first_day` in `countylink.yaml`."""

DAYS = dg.DailyPartitionsDefinition(start_date=FIRST_DAY, timezone=str(county_terms()["timezone"]))

STAYED = "latest_stayed"

CHECK = dg.AssetCheckSpec(
    STAYED,
    asset=KEY,
    description="A past day leaves `latest` as it was. If not: withdraw what became the latest, and report a fault.",
)


def night_of(county: CountyResource, aside: Lake) -> Night:
    """What a run of the county's day rests on, over a lake that was set aside."""
    return Night(
        as_of=county.run_date(aside),
        contracts=county.data_contracts(),
        outcome_contracts=Path(county.outcome_contracts),
        bundle=county.linkage_bundle(aside),
        inputs=county.linkage_inputs(aside),
        held=county.held(aside),
    )


def past_day(lake: Lake, county: CountyResource, day: date) -> Verdict:
    """Compute a day beside the lake. The caller holds the lake's lock: a night would clear what is set aside."""
    at_day = county.model_copy(update={"as_of": day.isoformat()})
    with set_aside(lake, day) as aside:
        return recompute(lake, aside, night_of(at_day, aside), draw_all)


@dg.definitions
def defs() -> dg.Definitions:
    """The asset of past days, a partition a day, and the job that a backfill runs."""

    @dg.asset(
        key=KEY,
        deps=[dg.AssetDep(key) for key in delivered_keys("validated")],
        partitions_def=DAYS,
        group_name="past_days",
        owners=OWNERS,
        kinds={"parquet"},
        metadata={"report": page("past_days")},
        pool=POOL,
        check_specs=[CHECK],
        description="The release of a past day with today's code, contracts, model and decisions, beside the lake: "
        "`past_days/<day>/`. It says how it differs from what was published of that day. It is never the latest.",
    )
    @told
    def past_days(
        context: dg.AssetExecutionContext, lake: LakeResource, county: CountyResource
    ) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
        before = latest_release(lake.open())
        verdict = past_day(lake.open(), county, date.fromisoformat(context.partition_key))
        pages = f"past_days/{context.partition_key}/{verdict.release_id}"
        report = {"report": page(f"{pages}/report.html"), "linkage_page": page(f"{pages}/linkage.html")}
        yield dg.MaterializeResult(asset_key=KEY, metadata={**counts(facts(verdict)), **report})
        yield latest_stayed(before, latest_release(lake.open()))

    job = dg.define_asset_job(
        JOB,
        selection=dg.AssetSelection.assets(dg.AssetKey(KEY)),
        executor_def=dg.in_process_executor,
        description="A past day, beside the lake; a backfill runs it for several days, one after another.",
    )
    return dg.Definitions(assets=[past_days], jobs=[job])


def latest_stayed(before: Path | None, after: Path | None) -> dg.AssetCheckResult:
    """The latest release is the one that it was."""
    return dg.AssetCheckResult(
        check_name=STAYED,
        asset_key=KEY,
        passed=before == after,
        metadata={"latest": after.name if after else ""},
    )


def facts(verdict: Verdict) -> dict[str, object]:
    """What is told of a past day: ids, codes and counts."""
    return {
        "dagster/row_count": verdict.rows,
        "release_id": verdict.release_id,
        "published_then": verdict.published_then,
        "is_the_same": verdict.is_same,
        "what_changed": list(verdict.causes),
        "tables_that_differ": list(verdict.differing_tables),
    }
