"""`countylink explain`: why two clients are one person, and how a person came to be. For identified terminals only."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipelines.commands.decide import bundle_at, decision_line, named_client
from pipelines.commands.options import AS_JSON, BUNDLE, LAKE

if TYPE_CHECKING:
    from pipelines.link.decision_store import Client, Decision
    from pipelines.review.explain import ExplainedPair, ExplainedPerson
    from pipelines.review.waterfall import Waterfall

SHOW_VALUES = click.option(
    "--show-values", is_flag=True, help="Show names, dates and numbers too; only where nobody else reads along."
)


@click.group()
def explain() -> None:
    """Say why: the weight level by level, the rules, the guards, the decisions, the ledger."""


@explain.command("pair")
@LAKE
@click.argument("one", metavar="AGENCY:CLIENT", callback=named_client)
@click.argument("other", metavar="AGENCY:CLIENT", callback=named_client)
@BUNDLE
@SHOW_VALUES
@AS_JSON
def explain_two(
    root: Path, one: "Client", other: "Client", bundle: Path | None, show_values: bool, as_json: bool
) -> None:
    """Why two clients are, or are not, one person; also for a pair that no rule ever met."""
    from pipelines.audit import record_act
    from pipelines.lake import Lake
    from pipelines.review import explain_pair

    subject = f"{':'.join(one)} {':'.join(other)}"
    record_act(Lake(root), act="pair_explained", subject=subject, detail={"with_values": show_values})
    found = explain_pair(Lake(root), bundle_at(bundle, root), one, other, show_values=show_values)
    click.echo(_as_json(found) if as_json else "\n".join(_pair_lines(found)))


@explain.command("person")
@LAKE
@click.argument("person_id", type=int)
@SHOW_VALUES
@AS_JSON
def explain_one(root: Path, person_id: int, show_values: bool, as_json: bool) -> None:
    """How a person came to be: its clients, what ties them, its history; a merged id resolves."""
    from pipelines.audit import record_act
    from pipelines.lake import Lake
    from pipelines.review import explain_person

    record_act(Lake(root), act="person_explained", subject=f"person {person_id}", detail={"with_values": show_values})
    found = explain_person(Lake(root), person_id, show_values=show_values)
    click.echo(_as_json(found) if as_json else "\n".join(_person_lines(found)))


def _as_json(found: "ExplainedPair | ExplainedPerson") -> str:
    return json.dumps(asdict(found), indent=2, default=str)


OVERRULED = "overruled: the person's other clients hold with both sides, or a reviewer said that they are the same"
"""Why a pair that a guard forbids is in one person; nothing else can bring it there."""


def _pair_lines(found: "ExplainedPair") -> Iterator[str]:
    one, other = (":".join(client) for client in found.clients)
    first, second = found.person_ids
    yield f"{one} and {other}: " + (f"both are person {first}" if first == second else f"persons {first} and {second}")
    yield ""
    if found.waterfall is None:
        yield "nothing to compare: one of them has no usable identifiers"
    else:
        yield from _waterfall_lines(found.waterfall)
        yield from _comparison_with_stored(found)
        yield f"model {found.bundle_version}"
        met = ", ".join(found.rules) or "no rule; scored because it was asked for"
        yield f"met by: {met}"
        yield f"guard: {found.guard or 'none'}" + (f": {found.guard_reason}" if found.guard_reason else "")
        if found.guard and first is not None and first == second:
            yield f"the guard was {OVERRULED}"
    yield from _common_lines(found.decisions, found.events, found.values)


def _waterfall_lines(steps: "Waterfall") -> Iterator[str]:
    yield f"{'':<18}{'':<44}{'bits':>8}{'rarity':>8}"
    yield f"{'prior':<18}{'two identities taken at random':<44}{steps.prior:>8.2f}"
    for step in steps.steps:
        rarity = f"{step.rarity_weight:>8.2f}" if step.rarity_weight else ""
        yield f"{step.ladder.replace('_', ' '):<18}{step.level:<44}{step.weight:>8.2f}{rarity}"
    yield f"{'match weight':<62}{steps.match_weight:>8.2f}"


def _comparison_with_stored(found: "ExplainedPair") -> Iterator[str]:
    if found.stored_weight is None:
        yield "the last run stored no weight for it: below the loose weight, or never met"
    elif found.waterfall and abs(found.stored_weight - found.waterfall.match_weight) > SAME_WEIGHT:
        yield f"the last run stored {found.stored_weight:.2f}: model or records have changed since, or --bundle differs"


SAME_WEIGHT = 1e-9
"""Weights closer than this, in bits, are the same sum of the same terms."""


def _person_lines(found: "ExplainedPerson") -> Iterator[str]:
    if found.person_id != found.asked_id:
        yield f"person {found.asked_id} was merged; person {found.person_id} stands for it"
    former = f", once also {', '.join(map(str, found.merged_ids))}" if found.merged_ids else ""
    confidence = "" if found.confidence is None else f", mean weight {found.confidence:.1f} bits"
    yield f"person {found.person_id}{former}: {len(found.clients)} clients{confidence}"
    yield from (f"  {':'.join(client)}" for client in found.clients)
    yield ""
    yield "pairs, as the last run stored them:" if found.pairs else "no stored pair ties its clients"
    for pair in found.pairs:
        guard = f" · {pair['guard']}, {OVERRULED}" if pair["guard"] else ""
        yield f"  {pair['one']} {pair['other']} · {pair['match_weight']:.2f} bits · {pair['match_key']}{guard}"
    yield from _common_lines(found.decisions, found.events, found.values)


def _common_lines(
    decisions: Sequence["Decision"], events: Sequence[Mapping[str, Any]], values: Sequence[Mapping[str, Any]]
) -> Iterator[str]:
    yield ""
    yield "decisions:" if decisions else "nobody decided on it"
    yield from (f"  {decision_line(one)}" for one in decisions)
    yield "ledger:" if events else "the ledger has no event of it"
    yield from (f"  {_event(event)}" for event in events)
    for row in values:
        known = "; ".join(f"{name} {value}" for name, value in row.items() if value not in (None, []))
        yield f"value: {known}"


def _event(event: Mapping[str, Any]) -> str:
    client = f" · {event['agency']}:{event['client_id']}" if event["agency"] else ""
    other = f" · other person {event['other_person_id']}" if event["other_person_id"] else ""
    return (
        f"{event['as_of_on']} · {event['event_code']} · person {event['person_id']}{client}{other} · {event['cause']}"
    )
