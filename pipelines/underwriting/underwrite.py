"""Underwrite a case: evidence, draws, findings; and the same beside a changed one.

Belongs here: the order of the steps. Each step stands in the file that it is imported from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from pipelines.underwriting import findings, sensitivity, worth
from pipelines.underwriting.evidence import NO_EVIDENCE, Evidence
from pipelines.underwriting.inputs import Inputs, inputs_of
from pipelines.underwriting.reading import Case
from pipelines.underwriting.simulation import Simulated, simulate
from pipelines.underwriting.volumes import Luck

DEFAULT_DRAWS = 10_000
"""Enough for two digits of a fifth percentile: 500 draws lie below it."""

Row = dict[str, Any]


@dataclass(frozen=True)
class Underwriting:
    """What a case comes to. Every table is a list of rows; `history` is what the lake says, and is not yet withheld."""

    case: Case
    seed: int
    draws: int
    price_by: str
    inputs: Inputs
    evidence: Evidence
    tables: Mapping[str, Sequence[Row]]
    run: Simulated
    release: Mapping[str, Any] = field(default_factory=dict)
    """The release of the lake that it rests on: `release_id`, `data_through`; empty without one."""


def underwrite(
    case: Case,
    evidence: Evidence = NO_EVIDENCE,
    *,
    seed: int = 1,
    draws: int = DEFAULT_DRAWS,
    price_by: str = "policy",
    release: Mapping[str, Any] | None = None,
) -> Underwriting:
    """Everything that is asked of a case; the same case, evidence and seed give the same rows."""
    inputs, luck = inputs_of(case, evidence), Luck(seed, draws)
    run = simulate(case, inputs, luck)
    prices = worth.prices(run, worth.avoided_means(run, inputs, luck))
    if price_by != "policy":
        case = Case(worth.repriced(case.contract, prices, price_by), case.assumptions)
        run = simulate(case, inputs, luck)
    tables: dict[str, Sequence[Row]] = {
        "payments": findings.payments(run),
        "chances": findings.chances(run),
        "units": findings.expected_units(run),
        "payments_by_quarter": findings.by_quarter(run),
        "cash_flow": findings.cash_flow(run),
        "break_even": sensitivity.break_even(case, inputs, seed),
        "tornado": sensitivity.tornado(case, inputs, seed),
        "link_error": sensitivity.link_error(case, inputs, seed),
        "prices": prices,
        "avoided": worth.avoided(run, inputs, luck),
        "power": worth.power_rows(run, inputs, evidence),
        "inputs": [_input_row(one) for one in inputs.values()],
        "flow": list(evidence.flow),
        "baselines": list(evidence.baselines),
        "statuses": list(evidence.statuses),
    }
    return Underwriting(case, seed, draws, price_by, inputs, evidence, tables, run, release or {})


def _input_row(one: Any) -> Row:
    value = one.value
    named = {"input": one.name, "title": one.title, "low": value.low, "base": value.base, "high": value.high}
    return named | {"origin": one.origin, "source": " ".join(one.source.split())}


def differences(base: Underwriting, other: Underwriting) -> list[Row]:
    """What a what-if changes: amounts, chances, units; base, what-if, and the difference."""
    return [
        {"figure": figure, "base": before, "what_if": after[figure], "difference": _less(after[figure], before)}
        for before_figures, after in [(_headlines(base), _headlines(other))]
        for figure, before in before_figures.items()
        if figure in after
    ]


def _less(after: Decimal | None, before: Decimal | None) -> Decimal | None:
    return None if after is None or before is None else after - before


def _headlines(one: Underwriting) -> dict[str, Decimal | None]:
    tables, found = one.tables, dict[str, Decimal | None]()
    for row in tables["payments"]:
        for name in ("p5_usd", "p50_usd", "p95_usd", "mean_usd"):
            found[f"{row['title']}, {name.removesuffix('_usd')} ($)"] = row[name]
    for row in tables["chances"]:
        # the cap's title names its amount, which may be what was changed
        title = "The cap cuts" if row["what"] == "cap" else row["title"]
        found[f"{title} (chance)"] = Decimal(str(round(row["chance"], 4)))
    for row in tables["units"]:
        found[f"{row['title']}, mean"] = Decimal(str(round(row["mean"], 3)))
    for row in tables["break_even"]:
        scale = row["effect_scale"]
        found[f"Break-even with: {row['title']} (share of the effects)"] = (
            None if scale is None else Decimal(str(round(scale, 4)))
        )
    return found
