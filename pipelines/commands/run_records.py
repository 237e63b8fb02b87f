"""Dagster's own record of a run: patience while another process writes to it, and a sentence where it cannot be kept.

What a run computes does not rest on its record: a run that dies for want of one is taken up by the next.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from pipelines.errors import LakeError

LOCKED_SECONDS = 60
"""How long a writer of an embedded record waits for another's lock (SQLite's own default: 5 s); a backup of a large
record, or a webserver that clears old runs, takes longer than that and less than this."""


@contextmanager
def kept_record() -> Iterator[None]:
    """Be patient with a record that is locked; LakeError where it cannot be read or written, or memory runs out."""
    sa.event.listen(sa.Engine, "connect", _be_patient)
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
    finally:
        sa.event.remove(sa.Engine, "connect", _be_patient)


def _be_patient(connection: object, _: object) -> None:
    if isinstance(connection, sqlite3.Connection):
        connection.execute(f"pragma busy_timeout = {1000 * LOCKED_SECONDS}")


def _cause(error: sa.exc.DBAPIError) -> str:
    """SQLite's errors are fixed texts, such as `database is locked`; those of other databases may quote a row."""
    own = error.orig
    return str(own) if isinstance(own, sqlite3.OperationalError) else type(own).__name__
