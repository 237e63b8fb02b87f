"""Merge events into spells of one kind, each counted once, whichever agencies saw it."""

from pipelines.episodes.build import EPISODES, build
from pipelines.episodes.spans import SPAN_KINDS, open_spans

__all__ = ["EPISODES", "SPAN_KINDS", "build", "open_spans"]
