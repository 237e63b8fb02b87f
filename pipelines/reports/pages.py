"""What every page shares: a template environment that escapes everything, and one way to write a page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from pipelines.lake import replacing
from pipelines.reports import wording


def environment() -> Environment:
    """Templates of this package; every value is escaped, and one that is missing is an error."""
    made = Environment(
        loader=PackageLoader("pipelines.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(
        estimate=wording.estimate, interval=wording.interval, count=wording.count, usd=wording.usd, share=wording.share
    )
    return made


def write_page(template: str, target: Path, /, **values: Any) -> Path:
    """Render a template into a file, whole or not at all."""
    text = environment().get_template(template).render(**values)
    with replacing(target) as staged:
        staged.write_text(text, encoding="utf-8")
    return target
