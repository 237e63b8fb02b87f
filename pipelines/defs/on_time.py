"""Whether each agency delivered when its contracts say, by the clock: told at noon, when what has not come is late.

Dagster's own freshness looks at when an asset was made; a run makes every asset, whether anything was delivered or not.
So it is asked of as-of dates: what should have come by now, and what was accepted.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import dagster as dg
from dagster._utils.schedules import reverse_cron_string_iterator as ticks_before

from pipelines.defs.privacy import counts, told
from pipelines.defs.resources import LakeResource
from pipelines.validate import Receipt, accepted_deliveries
from schemas.data_contract import DataContract, DataContracts

ON_TIME = "deliveries_are_on_time"

MOST_TICKS = 400
"""More than a year of nights back: a service level is shorter."""


def on_time_keys(contracts: DataContracts) -> list[dg.AssetCheckKey]:
    """The check of every agency."""
    return [dg.AssetCheckKey(dg.AssetKey(["deliveries", agency]), ON_TIME) for agency in contracts.agencies]


def on_time_checks(contracts: DataContracts) -> dg.AssetChecksDefinition:
    """One step that asks of every agency whether its required tables came as agreed."""
    specs = [
        dg.AssetCheckSpec(
            ON_TIME,
            asset=["deliveries", agency],
            description="Every required table came by the hour its contract states. If not: ask the agency's steward.",
        )
        for agency in contracts.agencies
    ]

    @dg.multi_asset_check(name="on_time", specs=specs)
    @told
    def on_time(lake: LakeResource) -> Iterator[dg.AssetCheckResult]:
        accepted = accepted_deliveries(lake.open())
        for agency in contracts.agencies:
            yield deliveries_are_on_time(agency, contracts.of(agency), accepted, datetime.now(UTC))

    return on_time


def deliveries_are_on_time(
    agency: str, own: Sequence[DataContract], accepted: Sequence[Receipt], now: datetime
) -> dg.AssetCheckResult:
    """Every required table was accepted for the latest day that should have come by now."""
    late = late_tables(own, accepted, now)
    return dg.AssetCheckResult(
        check_name=ON_TIME,
        asset_key=["deliveries", agency],
        passed=not late,
        severity=dg.AssetCheckSeverity.WARN,
        metadata=counts({"days_late": late, "to_do": TO_DO.format(contact=own[0].steward_contact) if late else ""}),
    )


def late_tables(own: Sequence[DataContract], accepted: Sequence[Receipt], now: datetime) -> dict[str, int]:
    """An agency's required tables that are late → by how many days; -1 where nothing ever came."""
    late = {}
    for contract in own:
        wanted = due_as_of(contract, now) if contract.required_table else None
        latest = latest_as_of(contract, accepted)
        if wanted is not None and (latest is None or latest < wanted):
            late[contract.table] = (wanted - latest).days if latest else -1
    return late


TO_DO = "ask {contact} when the delivery comes; until then releases name the agency as stale; -1: nothing ever came"


def due_as_of(contract: DataContract, now: datetime) -> date | None:
    """The latest as-of date that is late if it has not come by now: a delivery describes the day before it is due."""
    zone = ZoneInfo(contract.timezone)
    ticks = ticks_before(now.timestamp(), contract.schedule, contract.timezone)
    for _, tick in zip(range(MOST_TICKS), ticks, strict=False):
        as_of = tick.astimezone(zone).date() - timedelta(days=1)
        ended = datetime.combine(as_of + timedelta(days=1), time(), zone)
        if ended + timedelta(hours=contract.latency_hours) <= now.astimezone(zone):
            return as_of
    return None


def latest_as_of(contract: DataContract, accepted: Sequence[Receipt]) -> date | None:
    """The latest day for which a table was accepted."""
    days = [one.as_of for one in accepted if one.agency == contract.agency and contract.table in one.tables]
    return max(days, default=None)
