"""Pages as PDF, by WeasyPrint: the same pages, by their own print styles, without a browser and without a network."""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from pipelines.errors import CountylinkError

BATCH = 8
"""Pages that a worker is given at once: fonts are then looked for once for several."""


FOLDED = re.compile(r"<nav.*?</nav>|<details.*?</details>|<p class=\"files.*?</p>|<a class=\"skip.*?</a>", re.DOTALL)
CHART = re.compile(r"<svg [^>]*class=\"chart\".*?</svg>", re.DOTALL)


def print_pages(pages: Sequence[Path], workers: int | None = None) -> list[Path]:
    """Write `<page>.pdf` beside each page; returns them.

    Args:
        pages: HTML files that need no other file.
        workers: processes; default: one a processor.

    Raises:
        CountylinkError: WeasyPrint, or a library that it needs, is not installed.
    """
    need_weasyprint()
    batches = [pages[at : at + BATCH] for at in range(0, len(pages), BATCH)]
    count = min(workers or os.cpu_count() or 1, len(batches))
    if count <= 1:
        return [pdf for batch in batches for pdf in print_batch(batch)]
    # spawned, not forked: the renderer of charts runs threads of its own in this process
    with ProcessPoolExecutor(count, mp_context=get_context("spawn")) as pool:
        return [pdf for batch in pool.map(print_batch, batches) for pdf in batch]


def need_weasyprint() -> None:
    """Say what to install where nothing can be printed."""
    try:
        import_module("weasyprint")
    except (ImportError, OSError):  # OSError: Pango is not there
        raise CountylinkError(
            "PDFs need WeasyPrint and Pango: make environment-reports and, on Debian and Ubuntu, apt-get install "
            "libpango-1.0-0 libpangoft2-1.0-0; or leave --pdf out"
        ) from None


def print_batch(pages: Sequence[Path]) -> list[Path]:
    """Print pages one after the other."""
    from weasyprint import HTML
    from weasyprint.text.fonts import FontConfiguration

    fonts = FontConfiguration()
    printed = []
    for page in pages:
        printed.append(page.with_suffix(".pdf"))
        text = on_paper(page.read_text(encoding="utf-8"))
        HTML(string=text, url_fetcher=only_data()).write_pdf(printed[-1], font_config=fonts)
    return printed


def on_paper(page: str) -> str:
    """A page as it is printed: without navigation and what is folded away, which the workbook beside it holds.

    Charts become images of their own, so that the styles of the page need not be held against each of their lines:
    that is two thirds of the time.
    """
    page = FOLDED.sub("", page)
    return CHART.sub(_as_image, page)


def _as_image(found: re.Match[str]) -> str:
    title = re.search(r"<title[^>]*>([^<]*)</title>", found[0])
    data = base64.b64encode(found[0].encode()).decode()
    return f'<img class="chart" alt="{title[1] if title else ""}" src="data:image/svg+xml;base64,{data}">'


def only_data() -> Any:
    """A fetcher of what a page carries in itself; whatever asks for another file, or the network, ends the printing."""
    from weasyprint.urls import URLFetcher

    return URLFetcher(allowed_protocols=["data"], fail_on_errors=True)
