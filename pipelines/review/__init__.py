"""People decide, and people are asked: decisions on pairs, blind samples of pairs, and why two clients are one person.

Takes `standard`, `linked` and `person_index`; writes only what no run owns: `<lake>/decisions/` and `<lake>/review/`.
What it shows of people goes to the caller's terminal or file, nowhere else.
"""

from __future__ import annotations

from pipelines.review.deciding import Contradiction, Said, contradictions, decide, dormant, read_statements
from pipelines.review.estimate import SampleEstimate, as_statements, estimate, read_labels
from pipelines.review.explain import ExplainedPair, ExplainedPerson, explain_pair, explain_person
from pipelines.review.kept import keep_labels, labels_by_group, labels_sha256
from pipelines.review.sample import SampleReport, draw_sample

__all__ = [
    "Contradiction",
    "ExplainedPair",
    "ExplainedPerson",
    "Said",
    "SampleEstimate",
    "SampleReport",
    "as_statements",
    "contradictions",
    "decide",
    "dormant",
    "draw_sample",
    "estimate",
    "explain_pair",
    "explain_person",
    "keep_labels",
    "labels_by_group",
    "labels_sha256",
    "read_labels",
    "read_statements",
]
