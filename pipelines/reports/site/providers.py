"""Scorecards of every provider and quarter, and the page that leads to them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from markupsafe import Markup

from pipelines.reports import wording
from pipelines.reports.charts.frames import trend_chart
from pipelines.reports.scorecards.cards import Card, Scorecards
from pipelines.reports.scorecards.figures import Figure, Told
from pipelines.reports.scorecards.reading import BAD, GOOD, OPEN, readings, verdict_on_target
from pipelines.reports.scorecards.sign_off import NEW, Key, SignOff
from pipelines.reports.site.frame import Frame, folder_of

VERDICTS = {GOOD: "reaches it", BAD: "misses it", OPEN: "not told apart"}

States = Mapping[Key, SignOff]


def write_scorecards(frame: Frame, cards: Scorecards, quarters: Sequence[str], states: States) -> int:
    """Write every provider's card of each quarter, and the page of providers; returns how many cards."""
    for provider_id in sorted(cards.providers):
        for quarter in quarters:
            state = states.get((provider_id, quarter), NEW)
            current = cards.card(provider_id, quarter)
            write_scorecard(frame, state.card or current, state, quarters, is_restatable(state, current))
    frame.page(
        "providers.html",
        "providers/index.html",
        quarters=quarters,
        providers=[_line(one, cards.providers[one], quarters, states) for one in sorted(cards.providers)],
    )
    return len(cards.providers) * len(quarters)


def is_restatable(state: SignOff, current: Card) -> bool:
    """Whether a card is final and this release tells other figures than were signed."""
    return state.card is not None and _told(state.card) != _told(current)


def _told(card: Card) -> list[tuple[Any, ...]]:
    return [(one.measure, *(_columns(one.own).values())) for one in card.figures]


def write_scorecard(
    frame: Frame, card: Card, state: SignOff, quarters: Sequence[str], can_be_restated: bool = False
) -> None:
    """Write one card: `providers/<provider>/<quarter>.html`, and its tables beside it."""
    frame.page(
        "scorecard.html",
        f"providers/{folder_of(card.provider_id)}/{card.quarter}.html",
        sheets={"figures": _figure_rows(card), "by_quarter": _trend_rows(card)},
        card=card,
        state=state,
        can_be_restated=can_be_restated,
        quarters=quarters,
        verdicts=VERDICTS,
        lines=[_figure_line(figure, card.quarter) for figure in card.figures],
    )


def _figure_line(figure: Figure, quarter: str) -> dict[str, Any]:
    told = {name: row.facts() if row else None
            for name, row in (("own", figure.own), ("peers", figure.peers), ("before", figure.before))}  # fmt: skip
    return told | {
        "figure": figure,
        "target": target_in_words(figure),
        "verdict": verdict_on_target(figure),
        "readings": readings(figure),
        "chart": _chart(figure, quarter),
    }


def _chart(figure: Figure, quarter: str) -> Markup:
    return trend_chart(figure, quarter, name=figure.measure)


def target_in_words(figure: Figure) -> str:
    """`at least 80.0 %`, or a dash."""
    if figure.target is None:
        return wording.NOTHING
    said = wording.estimate({"estimate": figure.target, "suppressed": False, "kind": figure.kind})
    return f"{'at least' if figure.better == 'more' else 'at most'} {said}"


def _line(provider_id: str, known: Mapping[str, Any], quarters: Iterable[str], states: States) -> dict[str, Any]:
    return {
        "provider_id": provider_id,
        "name": known["provider_name"] or provider_id,
        "area": known["service_area_code"],
        "folder": folder_of(provider_id),
        "states": [(quarter, states.get((provider_id, quarter), NEW).title) for quarter in quarters],
    }


COLUMNS = ("n", "numerator", "person_time", "estimate", "lower", "upper", "lower_total", "upper_total", "unknown",
           "suppressed")  # fmt: skip
"""Of a result, as a workbook tells it."""


def _figure_rows(card: Card) -> list[dict[str, Any]]:
    return [
        {"measure": figure.measure, "title": figure.heading, "unit": figure.unit, "quarter": card.quarter}
        | _columns(figure.own)
        | {
            "target": figure.target,
            "all_providers": figure.peers.estimate if figure.peers else None,
            "last_quarter": figure.before.estimate if figure.before else None,
            "reading": " ".join(readings(figure)),
        }
        for figure in card.figures
    ]


def _trend_rows(card: Card) -> list[dict[str, Any]]:
    return [
        {"measure": figure.measure, "quarter": row.period} | _columns(row)
        for figure in card.figures
        for row in figure.trend
    ]


def _columns(row: Told | None) -> dict[str, Any]:
    return {name: getattr(row, name) if row else None for name in COLUMNS}
