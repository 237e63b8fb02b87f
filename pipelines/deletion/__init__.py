"""A client is deleted from everything that the lake keeps, and it is proved.

    clients.py      which clients: named, or past their retention (data_contracts/law/retention.yaml)
    erasing.py      deliveries, what people said, releases and products
    pending.py      what is under way, so that a killed deletion is taken up again
    renaming.py     the history of persons: the client becomes a number that leads nowhere
    proving.py      the values that only this client had, looked for in every byte that is left
    beyond.py       what is not reached, by ids: landing folder, backups, recipients' copies, files written out
    certificate.py  what was deleted, by zone, that nothing was found, and what is left to be done elsewhere

What can be made anew (`validated` to `contracts`) is not edited: it is removed and made anew by a run. So everything
that holds of a run holds after a deletion: incremental = full, the ledger replays to the index, rows are conserved.
The audit log stays, as accounts of disclosures must; so do the landing folder, backups, and what recipients hold.
"""

from pipelines.deletion.certificate import Certificate, conclude
from pipelines.deletion.clients import Client, named_client, past_retention
from pipelines.deletion.erasing import Erasure, erase
from pipelines.deletion.pending import read_pending

__all__ = ["Certificate", "Client", "Erasure", "conclude", "erase", "named_client", "past_retention", "read_pending"]
