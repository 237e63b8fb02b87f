"""Deliveries become text in the lake: nothing is changed, nothing is lost, sent twice is taken once.

    landing.py     what lies in the landing folder          archives.py   zip archives, looked at before unpacking
    preflight.py   bytes and header of a file               records.py    where records begin and end
    rows.py        readable rows and the others             text_table.py rows of text → Parquet
    delivery.py    what is known of a delivery              take.py       all of it, for every delivery

Does not belong here: what a value means. That is validate's.
"""

from pipelines.ingest.delivery import Delivery, SentFile, deliveries, read_delivery
from pipelines.ingest.problems import Problem
from pipelines.ingest.take import IngestReport, take_deliveries

__all__ = ["Delivery", "IngestReport", "Problem", "SentFile", "deliveries", "read_delivery", "take_deliveries"]
