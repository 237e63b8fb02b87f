"""The learning collaborative: all providers of a quarter beside each other, with what chance explains."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pipelines.reports import wording
from pipelines.reports.charts.providers import caterpillar, funnel_plot
from pipelines.reports.limits import FEWEST, PROPORTION, Z_95, Funnel
from pipelines.reports.scorecards.cards import ALL, Measure, Scorecards
from pipelines.reports.scorecards.figures import Told, scale_of, size_of
from pipelines.reports.site.frame import Frame, folder_of

SIZES = {PROPORTION: "Members counted", "rate": "Months of membership"}


Row = dict[str, Any]


def write_learning(frame: Frame, cards: Scorecards, quarters: Sequence[str]) -> None:
    """Write a page a quarter; `learning/index.html` is that of the newest."""
    for quarter in quarters:
        panels = [_panel(cards, measure, quarter) for measure in cards.measures]
        for path in [f"learning/{quarter}.html"] + ["learning/index.html"] * (quarter == quarters[0]):
            frame.page(
                "learning.html",
                path,
                sheets={panel["measure"]: [_sheet_row(row) for row in panel["rows"]] for panel in panels},
                quarter=quarter,
                quarters=quarters,
                panels=panels,
            )


def _panel(cards: Scorecards, measure: Measure, quarter: str) -> Row:
    funnel, together = cards.funnel(measure, quarter), measure.row(ALL, quarter)
    rows = [_row(cards, who, one, funnel, scale_of(together) if together else 1.0)
            for who, one in measure.of_quarter(quarter) if who in cards.providers]  # fmt: skip
    shown = [row for row in rows if row["estimate"] is not None]
    panel = {
        "measure": measure.terms.measure,
        "heading": measure.terms.heading,
        "question": measure.terms.question,
        "unit": measure.unit,
        "rows": rows,
        "together": _said(together),
        "summary": summary(shown, rows, bool(funnel)),
        "is_told": bool(shown),
        "size_title": SIZES.get(measure.kind, ""),
        "formula": "How the limits are reckoned stands in “How to read”." + (
            f" φ is {funnel.spread:.1f} here." if funnel else ""),
        "funnel": "",
        "caterpillar": "",
    }  # fmt: skip
    if funnel is None or together is None or all(row["estimate"] == 0 for row in shown):
        return panel
    return panel | _charts(measure, funnel, scale_of(together), shown, panel, quarter)


def summary(shown: Sequence[Row], rows: Sequence[Row], has_limits: bool) -> str:
    """How many providers are told of, and how many lie beyond the limits."""
    told = f"{len(shown)} of {len(rows)} providers can be told of; the others are withheld or have nobody counted."
    if not shown:
        return told
    if len(shown) < FEWEST:
        return f"{told} From so few, nobody can tell what chance explains: they stand in the table."
    if not has_limits:
        return told
    none = sum(row["estimate"] == 0 for row in shown)
    if none == len(shown):
        return f"{told} All of them had none, and 1 to 10 are withheld: there is nothing to set beside each other."
    if 2 * none > len(shown):
        told += f" {none} of them had none, and 1 to 10 are withheld: those in between are missing here."
    outside = sum(row["side"] == "outside" for row in shown)
    return f"{told} {outside} lie beyond the 95 % limits; by chance alone about {len(shown) / 20:.0f} would."


def _charts(measure: Measure, funnel: Funnel, scale: float, shown: list[Row], panel: Row, quarter: str) -> Row:
    terms = {
        "unit": measure.unit,
        "kind": measure.kind,
        "scale": scale,
        "size_title": panel["size_title"],
        "description": f"{panel['summary']} All providers together: {panel['together']}.",
    }
    ordered = sorted(shown, key=lambda row: (row["estimate"], row["provider_id"]))
    top = 1.0 if measure.kind == PROPORTION else max(row["estimate"] for row in shown) * 1.1 or 1.0
    return {
        "funnel": funnel_plot(
            [{name: row[name] for name in ("provider_id", "estimate", "size", "side")} for row in shown],
            funnel,
            terms | {"title": f"Funnel plot: {panel['heading']}, {quarter}"},
            f"funnel-{panel['measure']}",
        ),
        "caterpillar": caterpillar(
            [{name: row[name] for name in ("provider_id", "estimate", "lower", "upper")} for row in ordered],
            funnel.middle * scale,
            terms | {"title": f"Caterpillar plot: {panel['heading']}, {quarter}", "top": top},
            f"caterpillar-{panel['measure']}",
        ),
    }


def _row(cards: Scorecards, provider_id: str, one: Told, funnel: Funnel | None, scale: float) -> Row:
    known, size = cards.providers[provider_id], size_of(one)
    limits = [scale * end for end in funnel.between(size, Z_95)] if funnel and size else None
    outside = limits and one.estimate is not None and not limits[0] <= one.estimate <= limits[1]
    return {
        "provider_id": provider_id,
        "name": known["provider_name"] or provider_id,
        "folder": folder_of(provider_id),
        "told": one.facts(),
        "estimate": one.estimate,
        "lower": one.lower,
        "upper": one.upper,
        "size": size,
        "side": "outside" if outside else "inside",
        "limits": _between(one, limits) if limits else wording.NOTHING,
        "limits_95": limits,
    }


def _between(row: Told, ends: Sequence[float]) -> str:
    return wording.interval({"lower": ends[0], "upper": ends[1], "kind": row.kind, "suppressed": False})


def _said(row: Told | None) -> str:
    if row is None:
        return wording.NOTHING
    between = wording.interval(row.facts())
    return wording.estimate(row.facts()) + (f" ({between})" if between != wording.NOTHING else "")


def _sheet_row(row: Row) -> Row:
    low, high = row["limits_95"] or (None, None)
    told = row["told"]
    return {"provider_id": row["provider_id"], "provider_name": row["name"]} | {
        name: told[name] for name in ("n", "numerator", "person_time", "estimate", "lower", "upper", "lower_total",
                                      "upper_total", "suppressed")
    } | {"limit_low_95": low, "limit_high_95": high}  # fmt: skip
