"""Which of its clients a provider should look at, by its own client ids, in a file that only the provider can open.

Identified: read from the lake, never from a release, and never part of a site. Of another agency's records the provider
learns that there was something in the quarter, and neither day nor place nor number (as `countylink dispute` tells).
Clients who opted out are in no list. Every file is an act of the audit log.
"""

from pipelines.reports.attention.sealing import SealedList, write_sealed_list
from pipelines.reports.attention.terms import provider_keys

__all__ = ["SealedList", "provider_keys", "write_sealed_list"]
