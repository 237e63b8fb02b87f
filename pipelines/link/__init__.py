"""Score pairs of identities with the pinned model, and cut them into clusters of clients."""

from __future__ import annotations

from pipelines.link.evaluate import Evaluation, Quality, evaluate
from pipelines.link.linking import LinkReport, link
from pipelines.link.pin import Pin, bundle_of, is_waiting, pinned, read_pin
from pipelines.link.relink import Verification, verify_linkage
from pipelines.link.table import link_table
from pipelines.link.train import TrainingReport, train

__all__ = [
    "Evaluation",
    "LinkReport",
    "Pin",
    "Quality",
    "TrainingReport",
    "Verification",
    "bundle_of",
    "evaluate",
    "is_waiting",
    "link",
    "link_table",
    "pinned",
    "read_pin",
    "train",
    "verify_linkage",
]
