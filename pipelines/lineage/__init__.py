"""From which source columns each column comes: from what agencies send to what is published.

Where a table is made by one `.sql` file, its lineage is read off the file (`walk.py`, kept in `walked.yaml` and held
against the files by a test). Where Python or the linkage model makes it, `stated.yaml` says it. Clients and identities
are read off the contracts' linkage roles, so a new agency is in the picture by its contract.
"""

from pipelines.lineage.sources import Source, column_sources

__all__ = ["Source", "column_sources"]
