"""The page of a held release: which figures moved, how far they may, and how to answer. Published figures only."""

from __future__ import annotations

from pathlib import Path

from pipelines.publish.catalogue import Entry
from pipelines.reports.pages import page_environment


def draw_held_release(entry: Entry, target: Path) -> Path:
    """Draw what became of a release, and its findings; returns the page."""
    page = page_environment().get_template("held_release.html").render(entry=entry, findings=list(entry.findings))
    target.write_text(page + "\n", encoding="utf-8")
    return target
