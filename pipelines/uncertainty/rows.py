"""The rows of both tables, from the county's results and what each world changes. No SQL and no file is here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from pipelines.intervals import Estimate
from pipelines.kept_results import KeptResults, figures, figures_bytes, key_of
from pipelines.outcomes.definitions import Measure
from pipelines.uncertainty.link_error import Kind, Totals, Values, estimates, with_link_error
from pipelines.uncertainty.placing import ALONE, FIRST_DRAW, LOOSE, STRICT, Quality
from pipelines.uncertainty.rules import Rules
from schemas.uncertainty import SCENARIOS

CELL = [
    ("measure_id", pa.string()),
    ("cut_code", pa.string()),
    ("cut_value", pa.string()),
    ("period", pa.string()),
]

THRESHOLDS_SCHEMA = pa.schema(
    [
        *CELL,
        ("scenario_code", pa.string()),
        ("n", pa.int64()),
        ("numerator", pa.float64()),
        ("person_time", pa.float64()),
        ("estimate", pa.float64()),
    ]
)
"""Columns of `outcomes/measure_by_threshold`. Grain: cell × scenario (strict, base, loose)."""

UNCERTAINTY_SCHEMA = pa.schema(
    [
        *CELL,
        ("n", pa.int64()),
        *((name, pa.float64()) for name in ("estimate", "lower", "upper", "estimate_corrected", "lower_total",
                                            "upper_total", "link_error", "recall")),
        ("recall_source", pa.string()),
        ("precision_source", pa.string()),
        ("draws", pa.int64()),
    ]
)  # fmt: skip
"""Columns of `outcomes/measure_uncertainty`. Grain: cell. `lower`, `upper` take the links as they are."""

Cell = tuple[str, str, str, str | None]
"""(measure, cut, cut value, period)"""

CELL_NAMES = ("measure_id", "cut_code", "cut_value", "period")

EMPTY = {"n": 0, "numerator": 0.0, "person_time": None, "estimate": None}
"""A cell that the county does not have, and a world does: as of a provider whose clients were someone else's before."""


def table_rows(
    results: Sequence[Mapping[str, Any]],
    measures: Mapping[str, Measure],
    changes: Mapping[Cell, Values],
    quality: Quality,
    squares: Mapping[Cell, float],
    rules: Rules,
    kept: KeptResults,
) -> tuple[pa.Table, pa.Table]:
    """`measure_by_threshold` and `measure_uncertainty`.

    Args:
        results: rows of `outcomes/measure_results`.
        measures: by id.
        changes: cell → what each world adds to n, numerator and person-time (worlds × 3); of touched cells alone.
        quality: precision and recall.
        squares: cell → squared numerators for each unit of the numerator.
        rules: how many draws, and their seed.
        kept: corrected estimates, as the last run left them.
    """
    recall = quality.recall.draws(rules.draws, np.random.default_rng(rules.seed))
    told = {"recall": quality.recall.share, "recall_source": quality.recall_source,
            "precision_source": quality.precision_source, "draws": rules.draws}  # fmt: skip
    by_threshold: list[dict[str, Any]] = []
    uncertainty: list[dict[str, Any]] = []
    for result in results:
        cell = _cell(result)
        named = {name: result[name] for name in CELL_NAMES}
        added = changes.get(cell)
        if added is None:
            by_threshold += [named | one for one in _same(result)]
            found = _as_is(result)
        else:
            kind = _kind(measures[result["measure_id"]], result["cut_code"])
            by_threshold += [named | one for one in _scenarios(kind, result, added)]
            found = _kept(kind, result, added, recall, squares.get(cell, 1.0), kept)
        as_published = {name: result[name] for name in ("n", "estimate", "lower", "upper")}
        uncertainty.append(named | as_published | told | found)
    for cell in sorted(
        changes.keys() - {_cell(result) for result in results}, key=lambda one: (*one[:3], one[3] or "")
    ):
        kind = _kind(measures[cell[0]], cell[1])
        named = dict(zip(CELL_NAMES, cell, strict=True))
        by_threshold += [named | one for one in _scenarios(kind, EMPTY, changes[cell])]
    return (
        pa.Table.from_pylist(by_threshold, schema=THRESHOLDS_SCHEMA),
        pa.Table.from_pylist(uncertainty, schema=UNCERTAINTY_SCHEMA),
    )


def _cell(result: Mapping[str, Any]) -> Cell:
    return result["measure_id"], result["cut_code"], result["cut_value"], result["period"]


def _kind(measure: Measure, cut: str) -> Kind:
    return Kind(measure.kind, measure.cuts[cut], measure.scale)


def _totals(result: Mapping[str, Any], added: Values) -> Totals:
    """The county's sums with what worlds add to them (worlds × 3)."""
    base = np.array([result["n"], result["numerator"], result["person_time"] or 0.0], dtype=np.float64)
    n, numerator, person_time = np.maximum(base + added, 0.0).T
    return Totals(n, numerator, person_time)


def _scenarios(kind: Kind, result: Mapping[str, Any], added: Values) -> Iterator[dict[str, Any]]:
    scenarios = {"strict": added[STRICT], "base": np.zeros(3), "loose": added[LOOSE]}
    totals = _totals(result, np.array(list(scenarios.values())))
    for place, (scenario, estimate) in enumerate(zip(scenarios, estimates(totals, kind), strict=True)):
        yield {
            "scenario_code": scenario,
            "n": round(float(totals.n[place])),
            "numerator": float(totals.numerator[place]),
            "person_time": float(totals.person_time[place]) or None,
            "estimate": result["estimate"] if scenario == "base" else _finite(estimate),
        }


def _same(result: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The scenarios of a cell that no other linkage changes: the county's result three times."""
    told = {name: result[name] for name in ("n", "numerator", "estimate")}
    told["person_time"] = result["person_time"] or None
    for scenario in SCENARIOS:
        yield told | {"scenario_code": scenario}


def _finite(value: np.float64) -> float | None:
    return float(value) if np.isfinite(value) else None


ENDS = ("estimate_corrected", "lower_total", "upper_total", "link_error")
"""What link error makes of a result."""


def _kept(
    kind: Kind, result: Mapping[str, Any], added: Values, recall: Values, square_per_unit: float, kept: KeptResults
) -> dict[str, Any]:
    """What the last run came to for the same sums in the same worlds, else `_corrected`."""
    own = tuple(result[name] for name in ("n", "numerator", "person_time", "estimate", "lower", "upper"))
    said = repr((kind.kind, kind.method, kind.scale, square_per_unit, own)).encode()
    key = key_of(said, added.tobytes(), recall.tobytes())
    if (found := kept.find(key)) is None:
        found = figures_bytes(*_corrected(kind, result, added, recall, square_per_unit).values())
        kept.add(key, found)
    return dict(zip(ENDS, figures(found), strict=True))


def _corrected(
    kind: Kind, result: Mapping[str, Any], added: Values, recall: Values, square_per_unit: float
) -> dict[str, Any]:
    naive = Estimate(result["estimate"], result["lower"], result["upper"])
    drawn, alone = _totals(result, added[FIRST_DRAW:]), _totals(result, added[[ALONE]])
    found = with_link_error(kind, naive, drawn, alone, recall, square_per_unit)
    return dict(zip(ENDS, (found.estimate, found.lower, found.upper, found.link_error), strict=True))


def _as_is(result: Mapping[str, Any]) -> dict[str, Any]:
    """What no other linkage changes has no link error."""
    ends = {"estimate_corrected": result["estimate"], "lower_total": result["lower"], "upper_total": result["upper"]}
    return ends | {"link_error": None if result["estimate"] is None else 0.0}
