"""Draw pages: reports from a release and from nothing else; and for agencies, their contracts and their data quality.

`draw` reads the Parquet tables and the manifest of a release folder and writes one page, `report.html`, that needs
no other file and no network; `draw_linkage` does the same for `linkage.html`. A page is drawn inside a release before
that is sealed, so the manifest covers it; drawn again from the sealed release, it is the same byte by byte.

`contract_pages.py` draws data contracts, from the contracts alone. `data_quality.py` draws what became of an agency's
deliveries, from receipts and quarantine: that page goes back to the agency and is part of no release.
"""

from pipelines.reports.draw import LINKAGE_PAGE, REPORT, draw, draw_all, draw_linkage

__all__ = ["LINKAGE_PAGE", "REPORT", "draw", "draw_all", "draw_linkage"]
