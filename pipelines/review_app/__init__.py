"""The review app: people decide on doubtful pairs, in a browser, on loopback.

terms.yaml     times, limits, shares, with reasons      reasons.yaml   why a reviewer says what they say
queue.py       which pairs are worth a look             judgements.py  what was said, kept for good
standing.py    how a pair stands after all of it        deciding.py    the decision that follows
desk.py        who has which pair on the table          leases.py      … and for how long
looking.py     what of the lake is shown                sides.py       two clients field by field
agreement.py   kappa, and the audit                     changes.py     what decisions came to
users.py passwords.py sessions.py lock_outs.py limits.py   who is let in
shield.py calls.py services.py app.py serve.py          from a request to a page
signing_in.py pair_pages.py overview_pages.py account_pages.py   the pages

Pages name people and are shown to signed-in reviewers alone; addresses hold opaque ids, logs hold nothing of a request.
"""

from pipelines.review_app.serve import Address, serve
from pipelines.review_app.services import Proxy

__all__ = ["Address", "Proxy", "serve"]
