"""Merge events into spells of one kind, each counted once, whichever agencies saw it."""

from pipelines.episodes.build import EPISODES, build

__all__ = ["EPISODES", "build"]
