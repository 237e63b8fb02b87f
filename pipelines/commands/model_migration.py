"""`countylink migrate-model`: what another linkage model would change, as lines, JSON or a page; and the switch."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from linkage_rules.bundle import load_bundle
from pipelines.contracts import OUTCOME_CONTRACTS, cohort_members
from pipelines.defs.locking import clear_leftovers, sole_writer
from pipelines.errors import LakeError, ModelError
from pipelines.lake import Lake, replacing
from pipelines.link.pin import pinned, read_pin
from pipelines.person_index.migrate import Migration, rehearse, switch
from pipelines.reports.pages import page_environment


def migrate_model(
    lake: Lake,
    bundle: Path,
    out: Path | None,
    *,
    is_switch: bool,
    outcome_contracts: Path = OUTCOME_CONTRACTS,
) -> Iterator[str]:
    """Rehearse the change, write the report, and switch if asked to; yields what there is to say.

    Raises:
        LakeError: nothing was linked in this lake, or another run is writing to it.
        ModelError: the bundle is not whole, or is the one that the lake is linked with.
    """
    with sole_writer(lake.root):
        clear_leftovers(lake)
        told = read_pin(lake)
        if told is None:
            raise LakeError("this lake has no pinned model yet; run the nightly job first, it pins the one it uses")
        new = load_bundle(bundle)
        if new.sha256 == told.sha256:
            raise ModelError(f"the lake is linked with model {new.version} ({new.sha256[:12]}) already")
        found = rehearse(lake, pinned(lake, told), new, memberships=cohort_members(lake, outcome_contracts))
        yield from lines(found)
        if out is not None:
            write_report(found, out)
            yield f"report: {out}"
        if not is_switch:
            yield "nothing was switched; look at the report, then run again with --switch"
            return
        report = switch(lake, new)
        yield f"switched to model {new.version}: person index version {report.version}, cause model"
        yield "episodes, outcomes, statements and the release follow with the next nightly run"


def lines(found: Migration) -> Iterator[str]:
    """The migration in a few lines."""
    yield f"model {found.from_model} → {found.to_model}, {found.clients:,} clients"
    yield f"persons: {found.persons_before:,} → {found.persons_now:,}; {found.persons_unchanged:,} keep id and clients"
    yield f"ids carried over: {found.ids_carried_over:,}; clients that move to another person: {found.clients_moved:,}"
    yield f"pairs of clients: {found.pairs_joined:,} joined, {found.pairs_parted:,} parted"
    for one in found.cohorts:
        if one["kind"] == "contract" and one["part"] == "all":
            yield (
                f"contract {one['code']}: {one['changed']:,} of {one['members']:,} persons change "
                f"({one['merged']:,} merged, {one['split']:,} split); stated for them: "
                f"$ {one['paid_usd_of_changed']:,.2f}"
            )
    yield "ledger: " + (", ".join(f"{code} {count:,}" for code, count in found.events.items()) or "no event")


def write_report(found: Migration, out: Path) -> None:
    """Write the report as JSON or, if the name ends so, as an HTML page."""
    if out.suffix not in (".json", ".html"):
        raise LakeError(f"{out.name}: the report is written as .json or .html; choose one of these endings")
    text = page(found) if out.suffix == ".html" else json.dumps(found.as_dict(), indent=2) + "\n"
    with replacing(out) as staged:
        staged.write_text(text, encoding="utf-8")


def page(found: Migration) -> str:
    """The report as one page that needs no other file."""
    return page_environment("pipelines.commands").get_template("model_migration.html").render(migration=found)
