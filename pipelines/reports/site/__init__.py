"""One site per release: scorecards, learning collaborative, contracts, memos, linkage, data quality, dictionary.

    writing.py    write_site: which pages there are, in which order they are written
    frame.py      what every page has: navigation, one style, a policy that lets nothing in from outside
    providers.py  scorecards, and who they are of
    learning.py   all providers beside each other
    money.py      contracts, expected payments, restatements
    quality.py    what agencies sent; the dictionary
    printing.py   pages as PDF

Drawn from a release folder alone (and another one to hold it against): the same release gives the same bytes. States of
sign-off come from whoever calls.
"""

from pipelines.reports.site.writing import SiteReport, write_site

__all__ = ["SiteReport", "write_site"]
