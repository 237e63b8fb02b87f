"""The model card that lies in every bundle: what the model is, and what it learnt, in a page."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pipelines.link.train import TrainingReport


def model_card(report: TrainingReport, settings: Mapping[str, Any]) -> str:
    """Markdown: purpose, training, limits, and every level with its weight in bits."""
    return "\n".join(
        [
            f"# Linkage model {report.version}",
            "",
            "Scores whether two identities are one person (Splink, Fellegi–Sunter). For linking clients of county",
            "agencies; not for deciding about a person. Race and ethnicity take no part.",
            "",
            f"- Trained without labels on {report.identities:,} identities; by the model's own reckoning they hold",
            f"  {report.expected_pairs:,.0f} true pairs.",
            f"- Chance agreement: about {report.random_pairs:,} random pairs, less the true pairs among them.",
            f"- {report.levels_trained} levels trained; without a pair to learn from: {_listed(report.levels_stated)}.",
            f"- Fields left out, too seldom known: {_listed(report.fields_left_out)}.",
            "- Weights are relative to the training population and are fitted to the county's size in whole doublings.",
            "",
            "| comparison | level | m | u | weight (bits) |",
            "|---|---|---|---|---|",
            *_rows(settings),
            "",
        ]
    )


def _rows(settings: Mapping[str, Any]) -> Iterator[str]:
    for comparison in settings["comparisons"]:
        for level in comparison["comparison_levels"]:
            if not level.get("is_null_level"):
                m, u = level["m_probability"], level["u_probability"]
                name, label = comparison["output_column_name"], level["label_for_charts"]
                yield f"| {name} | {label} | {m:.3g} | {u:.3g} | {math.log2(m / u):+.1f} |"


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(names) if names else "none"
