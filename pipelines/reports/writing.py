"""A page is written whole or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pipelines.lake import replacing
from pipelines.reports.pages import page_environment


def write_page(template: str, target: Path, /, **values: Any) -> Path:
    """Render a template of this package into a file; returns the file."""
    text = page_environment().get_template(template).render(**values)
    with replacing(target) as staged:
        staged.write_text(text, encoding="utf-8")
    return target
