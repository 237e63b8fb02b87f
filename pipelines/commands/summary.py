"""What a run came to, for people and as JSON: counts, codes and paths, never a row."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import dagster as dg

from pipelines import sql
from pipelines.defs.mends import TO_DO
from pipelines.defs.resources import CountyResource, setting
from pipelines.lake import Lake
from pipelines.publish.sources import delivery_rows
from pipelines.validate import Receipt, timeline_problems

LANDING = "landing_is_understood"

PUBLISHED, NOTHING_NEW, HELD, FAILED = "published", "nothing_new", "held", "failed"


@dataclass(frozen=True)
class RunSummary:
    """The end of a run. `status`: published, nothing_new, held (the release waits for somebody to look) or failed; a
    held delivery makes any of them unsuccessful."""

    status: str
    seconds: float
    as_of: str | None = None
    release_id: str | None = None
    release: str | None = None
    is_latest: bool = False
    release_status: str = ""
    """What the release is: published, held, or dropped or withdrawn by somebody, for just these inputs."""
    findings: int = 0
    """How many figures hold the release."""
    agencies: dict[str, dict[str, int]] = field(default_factory=dict)
    clients: int = 0
    persons: int = 0
    held: list[dict[str, Any]] = field(default_factory=list)
    stale_agencies: list[str] = field(default_factory=list)
    gaps: list[dict[str, str]] = field(default_factory=list)
    """Days of which no delivery tells, or two change sets do."""
    failed_checks: list[str] = field(default_factory=list)
    to_do: list[str] = field(default_factory=list)
    """What to do about each failed check, in the same order."""
    not_understood: list[dict[str, str]] = field(default_factory=list)
    """What the landing folder holds that is no delivery: rule, file and mend."""
    still_being_written: list[str] = field(default_factory=list)
    """Agencies with a delivery that waits until it is complete; an agency for each."""
    failures: list[str] = field(default_factory=list)

    @property
    def exit_code(self) -> int:
        """0 only if a release was published or nothing was new, and neither a delivery nor the release is held."""
        return int(self.status in (FAILED, HELD) or bool(self.held))

    def as_json(self) -> dict[str, Any]:
        """Everything, as JSON takes it."""
        return {**asdict(self), "exit_code": self.exit_code}

    def lines(self) -> Iterator[str]:
        """Everything, as people read it."""
        yield from _agency_lines(self.agencies)
        if self.persons:
            yield f"linked: {self.clients:,} clients are {self.persons:,} persons"
        for one in self.held:
            yield from _held_lines(one)
        for entry in self.not_understood:
            yield f"not a delivery: {entry['file'] or 'the landing folder'}: {entry['rule']}: {entry['mend']}"
        for agency in sorted(set(self.still_being_written)):
            yield f"waiting: a delivery of {agency} is not complete; it is taken when it is"
        for check, mend in zip(self.failed_checks, self.to_do, strict=True):
            yield f"check failed: {check}: {mend}"
        for failure in self.failures:
            yield f"failed: {failure}"
        for gap in self.gaps:
            yield f"{gap['file']}: {gap['mend']}"
        if self.stale_agencies:
            yield f"stale: {', '.join(self.stale_agencies)}"
        yield _last_line(self)


def summarise(lake: Lake, result: dg.ExecuteInProcessResult, seconds: float) -> RunSummary:
    """The summary of a run whose every step ended well."""
    county = _county()
    facts = _release_facts(result)
    sources = county.sources(lake)
    clients, persons = _linked(lake)
    return RunSummary(
        status=_status(facts),
        seconds=seconds,
        as_of=sources.as_of.isoformat(),
        release_id=facts["release_id"],
        release=str(lake.zone("published") / "outcomes" / facts["folder"] / facts["release_id"]),
        is_latest=facts["is_latest"],
        release_status=facts["status"],
        findings=facts["findings"],
        agencies=_agencies(county.receipts(lake)),
        clients=clients,
        persons=persons,
        held=[_held(receipt) for receipt in sources.waiting],
        stale_agencies=sources.stale_agencies,
        gaps=[asdict(one) for one in timeline_problems(county.data_contracts(), county.receipts(lake))],
        **_checked(result),
    )


def failed_summary(lake: Lake, result: dg.ExecuteInProcessResult, seconds: float) -> RunSummary:
    """The summary of a run in which a step failed: what is known, and what failed."""
    receipts = _county().receipts(lake)
    held = [receipt for receipt in receipts if not receipt.is_accepted]
    return RunSummary(
        status=FAILED,
        seconds=seconds,
        agencies=_agencies(receipts),
        held=[_held(receipt) for receipt in held],
        **_checked(result),
        failures=_failures(result),
    )


def _county() -> CountyResource:
    return CountyResource(
        landing=setting("COUNTYLINK_LANDING"),
        contracts=setting("COUNTYLINK_CONTRACTS"),
        outcome_contracts=setting("COUNTYLINK_OUTCOME_CONTRACTS"),
        bundle=setting("COUNTYLINK_BUNDLE"),
        as_of=setting("COUNTYLINK_AS_OF"),
    )


def _release_facts(result: dg.ExecuteInProcessResult) -> dict[str, Any]:
    (materialised,) = (
        event.step_materialization_data.materialization
        for event in result.all_events
        if event.event_type == dg.DagsterEventType.ASSET_MATERIALIZATION
        and event.asset_key == dg.AssetKey(["published", "release"])
    )
    return {name: materialised.metadata[name].value for name in RELEASE_FACTS}


RELEASE_FACTS = ("release_id", "is_new", "is_latest", "status", "findings", "folder")


def _status(facts: dict[str, Any]) -> str:
    if facts["status"] == HELD:
        return HELD
    return PUBLISHED if facts["is_new"] and facts["status"] == PUBLISHED else NOTHING_NEW


def _checked(result: dg.ExecuteInProcessResult) -> dict[str, Any]:
    """What the checks of a run found: which failed, what to do, and what the landing folder holds beside deliveries."""
    every = list(result.get_asset_check_evaluations())
    failed = sorted(
        (f"{one.check_name} of {one.asset_key.to_user_string()}", str(one.metadata[TO_DO].value))
        for one in every
        if not one.passed
    )
    landing: list[dict[str, Any]] = [
        {name: told.value for name, told in one.metadata.items()} for one in every if one.check_name == LANDING
    ]
    return {
        "failed_checks": [name for name, _ in failed],
        "to_do": [mend for _, mend in failed],
        "not_understood": [entry for one in landing for entry in one["refused"]],
        "still_being_written": [agency for one in landing for agency in one["still_being_written"]],
    }


def _failures(result: dg.ExecuteInProcessResult) -> list[str]:
    """By failed step, what our own error says; of any other error only that it happened, since it may quote a row."""
    return [f"{event.step_key}: {_said(event)}" for event in result.all_events if event.is_step_failure]


def _said(event: dg.DagsterEvent) -> str:
    ours = event.step_failure_data.user_failure_data
    if ours is not None and ours.description:
        return ours.description
    return "an unforeseen error; its type and place are in the log above, its text is withheld"


def _agencies(receipts: Sequence[Receipt]) -> dict[str, dict[str, int]]:
    """By agency: deliveries accepted and held, and where their rows went."""
    counts: dict[str, dict[str, int]] = {}
    for receipt in receipts:
        own = counts.setdefault(receipt.agency, dict.fromkeys(COLUMNS, 0))
        own["deliveries"] += receipt.is_accepted
        own["held"] += not receipt.is_accepted
        for rows in delivery_rows(receipt):
            for name in ROWS:
                own[name] += rows[name]
    return dict(sorted(counts.items()))


ROWS = ("rows_in", "accepted", "quarantined", "superseded", "rows_held")
COLUMNS = ("deliveries", "held", *ROWS)


def _held(receipt: Receipt) -> dict[str, Any]:
    return {
        "agency": receipt.agency,
        "delivery_id": receipt.delivery_id,
        "as_of": receipt.as_of.isoformat(),
        "reasons": [
            {"file": one.file, "column": one.column, "rule": one.rule_id, "mend": one.mend} for one in receipt.held
        ],
    }


def _linked(lake: Lake) -> tuple[int, int]:
    with sql.connect(lake.spill) as connection:
        sql.open_views(connection, lake, [("person_index", "person_of_client")])
        query = "select count(*), count(distinct person_id) from person_index.person_of_client"
        ((clients, persons),) = connection.execute(query).fetchall()
        return clients, persons


def _agency_lines(agencies: dict[str, dict[str, int]]) -> Iterator[str]:
    heads = ("deliveries", "held", "rows in", "accepted", "quarantined", "superseded", "rows held")
    yield f"{'agency':<16}" + "".join(f"{head:>13}" for head in heads)
    for agency, counts in agencies.items():
        yield f"{agency:<16}" + "".join(f"{counts[name]:>13,}" for name in COLUMNS)
    totals = {name: sum(counts[name] for counts in agencies.values()) for name in COLUMNS}
    yield f"{'all':<16}" + "".join(f"{totals[name]:>13,}" for name in COLUMNS)


def _held_lines(one: dict[str, Any]) -> Iterator[str]:
    yield f"held: {one['agency']} as of {one['as_of']} ({one['delivery_id']}); nothing of it flows on"
    for reason in one["reasons"]:
        place = " ".join(part for part in (reason["file"], reason["column"]) if part)
        yield f"  {place or 'the delivery'}: {reason['rule']}: {reason['mend']}"


def _last_line(summary: RunSummary) -> str:
    if summary.status == FAILED:
        return f"no release was published ({summary.seconds} s); the last one stays"
    if summary.status == HELD:
        show = f"countylink release show {summary.release_id}"
        return f"held: {summary.findings} figures of {summary.release_id} are unlike the last release; see {show}"
    if summary.release_status in ("dropped", "withdrawn"):
        return f"nothing new: {summary.release_id} was {summary.release_status} by somebody, and stays so"
    what = "published" if summary.status == PUBLISHED else "nothing new:"
    return f"{what} {summary.release} ({summary.seconds} s)"
