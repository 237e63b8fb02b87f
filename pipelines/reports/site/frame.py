"""What every page of a site has in common: navigation, one style, a policy that lets nothing in from outside."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Any

from jinja2 import Environment
from markupsafe import Markup

from pipelines.publish.disclosure import MIN_CELL
from pipelines.reports.charts.columns import CHARTS
from pipelines.reports.pages import page_environment
from pipelines.reports.workbook import Rows, write_workbook

PARTS = (
    ("index.html", "Overview"),
    ("outcomes.html", "Outcomes"),
    ("providers/index.html", "Scorecards"),
    ("learning/index.html", "Learning"),
    ("contracts/index.html", "Contracts"),
    ("linkage.html", "Linkage"),
    ("data_quality/index.html", "Data quality"),
    ("dictionary.html", "Dictionary"),
    ("how_to_read.html", "How to read"),
)
"""The navigation of every page."""

STYLES = ("page.css", "site.css")


@dataclass(frozen=True)
class SiteFacts:
    """What a page is told of the site that it is part of."""

    root: str
    """The way to the site's folder, as `../`."""
    part: str
    parts: tuple[tuple[str, str], ...]
    css: Markup
    policy: str
    release_id: str
    as_of: str
    min_cell: int
    files: tuple[tuple[str, str], ...]


class Frame:
    """Writes pages into a site's folder."""

    def __init__(self, to: Path, manifest: Mapping[str, Any], has_pdf: bool) -> None:
        self.to = to
        self.has_pdf = has_pdf
        self.pages: list[Path] = []
        self._manifest = manifest
        self._css, self._policy = style_and_policy()

    @cached_property
    def environment(self) -> Environment:
        """The templates; made once, for there are hundreds of pages."""
        return page_environment()

    def page(self, template: str, path: str, /, sheets: Mapping[str, Rows] | None = None, **values: Any) -> Path:
        """Write a page, and its tables as a workbook beside it; returns the page.

        Args:
            template: of this package.
            path: where it goes, below the site's folder.
            sheets: sheet → rows of the workbook; without one there is none.
            values: what the template shows.
        """
        target = self.to / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shown = {name: rows for name, rows in (sheets or {}).items() if rows}
        site = self._facts(path, bool(shown))
        text = self.environment.get_template(template).render(frame="site.html", site=site, **CHARTS, **values)
        target.write_text(_tidy(text), encoding="utf-8")
        if shown:
            title = f"{target.stem.replace('_', ' ')}, release {site.release_id}"
            write_workbook(target.with_suffix(".xlsx"), shown, title=title, made_on=self._day)
        self.pages.append(target)
        return target

    @property
    def _day(self) -> Any:
        from datetime import date

        return date.fromisoformat(self._manifest["inputs"]["as_of"])

    def _facts(self, path: str, has_tables: bool) -> SiteFacts:
        stem = Path(path).stem
        files = [("Tables of this page as a workbook (XLSX)", f"{stem}.xlsx")] if has_tables else []
        files += [("For printing (PDF)", f"{stem}.pdf")] if self.has_pdf else []
        depth = path.count("/")
        return SiteFacts(
            root="../" * depth,
            part=next((part for part, _ in PARTS if part == path), _part_of(path)),
            parts=PARTS,
            css=self._css,
            policy=self._policy,
            release_id=self._manifest["release_id"],
            as_of=self._manifest["inputs"]["as_of"],
            min_cell=MIN_CELL,
            files=tuple(files),
        )


def _part_of(path: str) -> str:
    """The part of the site that a page below it belongs to."""
    return f"{path.split('/')[0]}/index.html" if "/" in path else path


def style_and_policy() -> tuple[Markup, str]:
    """The style of every page, and the policy under which nothing but that style is let in."""
    folder = resources.files("pipelines.reports").joinpath("templates")
    css = "".join(folder.joinpath(name).read_text(encoding="utf-8") for name in STYLES)
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    return Markup(css), policy  # noqa: S704 - our own style


def _tidy(text: str) -> str:
    """Without lines that only templates left."""
    return re.sub(r"\n\s*\n+", "\n", text).strip() + "\n"


def folder_of(provider_id: str) -> str:
    """The name of a provider's folder: its id, with what is no letter or digit told by number."""
    return "".join(one if one.isalnum() and one.isascii() else f"_{ord(one):x}" for one in provider_id)
