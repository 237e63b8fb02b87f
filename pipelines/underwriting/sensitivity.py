"""What the median payment depends on: the effects at which it breaks even, each number in turn, the linkage."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from pipelines.underwriting.findings import dollars, programme_cents
from pipelines.underwriting.inputs import Inputs
from pipelines.underwriting.reading import Case
from pipelines.underwriting.simulation import CENTS, simulate
from pipelines.underwriting.volumes import Luck, with_effect

Row = dict[str, Any]

SENSITIVITY_DRAWS = 500
"""Draws of every run beside the main one: the same luck in each, so that differences are those of the numbers."""

MOST_EFFECT = 2.0
"""Break-even is looked for from no effect up to twice the assumed one."""

BISECTIONS = 12
"""Halvings of that span: a break-even effect to a two-thousandth of the assumed one."""


def break_even(case: Case, inputs: Inputs, seed: int) -> list[Row]:
    """The share of the assumed effects at which the median payment is the investment, and the cost."""
    full = simulate(case, inputs, Luck(seed, SENSITIVITY_DRAWS))
    targets = [("cost", "Cost of the programme (median)", float(np.median(programme_cents(full))))]
    invested = sum(int(one.amount_usd * CENTS) for one in case.contract.investments)
    if invested:
        targets.insert(0, ("investment", "Investments", float(invested)))
    return [
        {"target": target, "title": title, "target_usd": dollars(cents), "effect_scale": found, "effects": said}
        for target, title, cents in targets
        for found, said in [_root(case, inputs, seed, cents)]
    ]


def _root(case: Case, inputs: Inputs, seed: int, target: float) -> tuple[float | None, str]:
    def median(scale: float) -> float:
        return float(np.median(simulate(case, inputs, Luck(seed, SENSITIVITY_DRAWS, effect_scale=scale)).total))

    low, high = 0.0, MOST_EFFECT
    if median(low) >= target:
        return 0.0, "reached without any effect"
    if (most := median(high)) < target:
        return None, f"not reached at {MOST_EFFECT:.0f} times the assumed effects, which pay ${dollars(most):,.0f}"
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        low, high = (low, middle) if median(middle) >= target else (middle, high)
    return high, "; ".join(_effects_at(case, inputs, high))


def _effects_at(case: Case, inputs: Inputs, scale: float) -> Iterator[str]:
    for clause in case.assumptions.clauses:
        baseline, effect = (np.array([inputs[f"{clause.id}.{name}"].value.base]) for name in ("baseline", "effect"))
        treated = with_effect(clause.effect.kind, baseline, effect, scale)
        yield f"{clause.id} {float(baseline[0]):.3g} → {float(treated[0]):.3g}"


def tornado(case: Case, inputs: Inputs, seed: int) -> list[Row]:
    """The median payment with each number in turn at its low and its high, the others drawn; widest first."""
    used = [name for name in inputs if name.rsplit(".")[0] not in {cost.id for cost in case.assumptions.unit_costs}]
    rows = []
    for name in used:
        value = inputs[name].value
        ends = [_median_at(case, inputs, seed, {name: end}) for end in (value.low, value.high)]
        rows.append(
            {"input": name, "title": inputs[name].title, "low": value.low, "base": value.base, "high": value.high}
            | {"at_low_usd": dollars(ends[0]), "at_high_usd": dollars(ends[1])}
            | {"swing_usd": dollars(abs(ends[1] - ends[0]))}
        )
    return sorted(rows, key=lambda row: (-row["swing_usd"], row["input"]))


def _median_at(case: Case, inputs: Inputs, seed: int, held: Mapping[str, float]) -> float:
    total = simulate(case, inputs, Luck(seed, SENSITIVITY_DRAWS, held)).total
    return float(np.percentile(total, 50, method="inverted_cdf"))


def link_error(case: Case, inputs: Inputs, seed: int) -> list[Row]:
    """The median payment as the linkage shows the events, and as they are: what missed and false links cost."""
    perfect = {"linkage_recall": 1.0, "linkage_precision": 1.0}
    as_linked, as_is = _median_at(case, inputs, seed, {}), _median_at(case, inputs, seed, perfect)
    return [
        {"what": "as_linked", "title": "Median payment with the linkage as it is", "amount_usd": dollars(as_linked)},
        {"what": "perfect", "title": "Median payment if no link were missed or false", "amount_usd": dollars(as_is)},
        {
            "what": "overpaid",
            "title": "Paid too much for links that are missed",
            "amount_usd": dollars(as_linked - as_is),
        },
    ]
