"""Deliveries become text in the lake: nothing is changed, nothing is lost, sent twice is taken once.

    landing.py       what lies in the landing folder        plain_files.py   opening files, and nothing else
    archives.py      zip archives, before unpacking         sent_names.py    what a file's name says
    completeness.py  whether all of a delivery is there     checksums.py     checksums that came along
    copying.py       bytes into `raw`, hashed               memory.py        what the last look saw
    content.py       unpacking and encodings                preflight.py     first bytes and header of a file
    workbook.py, sheet.py, cell_text.py  .xlsx as text      records.py       where records begin and end
    rows.py          readable rows and the others           text_table.py    rows of text → Parquet
    delivery.py      what is known of a delivery            reading.py       the files of one delivery
    problems.py      rules and their mends                  forgetting.py    deleted clients, taken out again
    take.py          all of it, for every delivery

Does not belong here: what a value means. That is validate's.
"""

from pipelines.ingest.completeness import Looking
from pipelines.ingest.delivery import Delivery, SentArchive, SentFile, deliveries, open_sent, read_delivery
from pipelines.ingest.forgetting import Forgetting, forget_in
from pipelines.ingest.problems import Problem
from pipelines.ingest.take import IngestReport, take_deliveries

__all__ = [
    "Delivery",
    "Forgetting",
    "IngestReport",
    "Looking",
    "Problem",
    "SentArchive",
    "SentFile",
    "deliveries",
    "forget_in",
    "open_sent",
    "read_delivery",
    "take_deliveries",
]
