"""A sentence where Dagster's own record of a run cannot be kept.

What a run computes does not rest on its record: a run that dies for want of one is taken up by the next. While another
process holds the record, Dagster waits for half a minute by itself.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from pipelines.errors import LakeError


@contextmanager
def kept_record() -> Iterator[None]:
    """LakeError where the record cannot be read or written, or memory runs out."""
    try:
        yield
    except sa.exc.DBAPIError as error:
        # Its own text quotes what was to be written.
        raise LakeError(
            f"Dagster's record of the run cannot be kept ({_cause(error)}); see that its disk and memory are not full "
            "and that nothing locks it, then run again: the next run takes up the work"
        ) from None
    except MemoryError:
        raise LakeError("there is too little memory; the next run takes up the work") from None


def _cause(error: sa.exc.DBAPIError) -> str:
    """SQLite's errors are fixed texts, such as `database is locked`; those of other databases may quote a row."""
    own = error.orig
    return str(own) if isinstance(own, sqlite3.OperationalError) else type(own).__name__
