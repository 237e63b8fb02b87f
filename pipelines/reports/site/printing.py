"""Pages as PDF, by WeasyPrint: the same pages, by their own print styles, without a browser and without a network."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from pipelines.errors import CountylinkError

BATCH = 8
"""Pages that a worker is given at once: fonts are then looked for once for several."""


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
        import weasyprint  # noqa: F401
    except (ImportError, OSError):  # OSError: Pango is not there
        raise CountylinkError(
            "PDFs need WeasyPrint and Pango: pip install 'countylink[reports]' and, on Debian and Ubuntu, apt-get install "
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
        HTML(filename=str(page), url_fetcher=refuse).write_pdf(printed[-1], font_config=fonts)
    return printed


def refuse(url: str, *_: Any, **__: Any) -> Any:
    """A page needs no other file; whatever asks for one is refused."""
    raise ValueError(f"a page asked for {url.split(':', 1)[0]}")
