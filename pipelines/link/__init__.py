"""Score pairs of identities with the pinned model, and cut them into clusters of clients."""

from __future__ import annotations

from pipelines.link.evaluate import Evaluation, Quality, evaluate
from pipelines.link.linking import LinkReport, link
from pipelines.link.table import link_table
from pipelines.link.train import TrainingReport, train

__all__ = ["Evaluation", "LinkReport", "Quality", "TrainingReport", "evaluate", "link", "link_table", "train"]
