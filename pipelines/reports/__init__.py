"""Draw reports from a release, and from nothing else.

`draw` reads the Parquet tables and the manifest of a release folder and writes one page, `report.html`, that needs
no other file and no network; `draw_linkage` does the same for `linkage.html`. A page is drawn inside a release before
that is sealed, so the manifest covers it; drawn again from the sealed release, it is the same byte by byte.
"""

from pipelines.reports.draw import LINKAGE_PAGE, REPORT, draw, draw_all, draw_linkage

__all__ = ["LINKAGE_PAGE", "REPORT", "draw", "draw_all", "draw_linkage"]
