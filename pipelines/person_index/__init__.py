"""Give each cluster a person id that stays, and write down every change with its cause.

Takes `linked.clusters` (grain: client) and the index as it stood; gives `person_index.person_of_client` (grain:
client) and `person_index.ledger` (grain: event). Which clients belong together is not decided here and has no memory;
only the *names* of persons have a history, and this is its keeper. How good the linkage is, overall and by group, is
measured here too (`quality.py`), and how it moves from run to run (`history.py`).
"""

from pipelines.person_index.as_of import index_as_of, index_changes
from pipelines.person_index.ledger import replay, resolve
from pipelines.person_index.quality import Labelled, QualityReport, assess
from pipelines.person_index.update import IndexReport, update

__all__ = [
    "IndexReport",
    "Labelled",
    "QualityReport",
    "assess",
    "index_as_of",
    "index_changes",
    "replay",
    "resolve",
    "update",
]
