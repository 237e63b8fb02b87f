"""What Dagster would store or print of a row, were it let: closed here.

A default Dagster instance keeps whatever a step prints, logs, returns or raises, in files that others can read. So:
files are private, user errors are redacted and their console copy carries no message, values are never stored, and our
own errors, which hold no value by construction, are told in full.
"""

import errno
import logging
import os
import traceback
from collections.abc import Callable, Iterator
from functools import wraps
from pathlib import Path
from typing import Any, NoReturn, ParamSpec, TypeVar

import dagster as dg
import duckdb
from dagster._utils.error import _REDACTED_ERROR_LOGGER_NAME as REDACTED_ERRORS

from pipelines.damaged import damaged_tables
from pipelines.defs.mends import with_mend
from pipelines.errors import CountylinkError
from pipelines.lake import guard_privacy
from pipelines.sql import was_interrupted

PASSING = {errno.EIO, errno.ESTALE, errno.ETIMEDOUT, errno.EAGAIN, errno.EBUSY, errno.EINTR}
"""Troubles of a disk or a network file system that may be gone in a minute. Every step may be run again: what it
writes takes its place whole. A full disk, a missing file, wrong rights and bad data stay, and are not retried."""

MOST_RETRIES, RETRY_SECONDS = 2, 30

STOPPED = (
    "stopped from outside while a statement ran (a shutdown, a stop in the UI, a time limit); what was there before is "
    "untouched: run again"
)

TOO_LITTLE_MEMORY = (
    "there is too little memory for this step; what was there before is untouched, and the next run takes up the work"
)

LAST_FRAMES = 4
"""How many frames of an error are printed: enough to see where, too few for a stage's whole call."""

MOST_TOLD = 5
"""How many damaged tables a failed step names; the doctor names all."""

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


class RefusingIOManager(dg.IOManager):
    """Assets hand over Parquet files; a value that Dagster would pickle is a mistake, and perhaps a person."""

    def handle_output(self, context: dg.OutputContext, obj: object) -> None:
        """Accept the nothing that an asset without a value returns."""
        if obj is not None:
            raise dg.Failure("a step returned a value; steps write Parquet and return counts as metadata")

    def load_input(self, context: dg.InputContext) -> NoReturn:
        """Nothing was stored, so nothing can be loaded."""
        raise dg.Failure("a step asked for a value; steps read Parquet from the lake")


class WithoutMessages(logging.Filter):
    """Lets an error through with its type and frames, which help to mend it; not its text, which may quote a row.

    A failure that a step raised in words of ours is told as what the step came to, and needs no frames before it.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Replace a record's exception by the type and last frames of its root; pass over a failure in words."""
        if record.exc_info and record.exc_info[1] is not None:
            if isinstance(record.exc_info[1], dg.Failure):
                return False
            root = _root(record.exc_info[1])
            frames = "".join(traceback.format_tb(root.__traceback__, limit=-LAST_FRAMES))
            record.msg = f"{record.getMessage()}: {type(root).__name__} (its text is withheld)\n{frames}"
            record.args, record.exc_info, record.exc_text = None, None, None
        return True


def _root(error: BaseException) -> BaseException:
    while (cause := error.__cause__ or error.__context__) is not None:
        error = cause
    return error


def guard() -> None:
    """Close the leaks of this process; called before any definition is loaded or run is started."""
    guard_privacy()
    os.environ.setdefault("DAGSTER_REDACT_USER_CODE_ERRORS", "1")
    os.environ.setdefault("DAGSTER_DISABLE_TELEMETRY", "true")
    logger = logging.getLogger(REDACTED_ERRORS)
    if not any(isinstance(one, WithoutMessages) for one in logger.filters):
        logger.addFilter(WithoutMessages())


def told(
    step: Callable[Parameters, Iterator[Result]],
) -> Callable[Parameters, Iterator[Result | dg.AssetCheckResult]]:
    """Let a step's own errors reach the UI: they name files, rules and counts, and say what to do.

    A failed check says what to do as well. A step whose disk was away for a moment is run again; no other is.
    """

    @wraps(step)
    def telling(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Iterator[Result | dg.AssetCheckResult]:
        try:
            for result in step(*args, **kwargs):
                yield with_mend(result) if isinstance(result, dg.AssetCheckResult) else result
        except CountylinkError as error:
            raise dg.Failure(str(error), allow_retries=False) from None
        except OSError as error:
            if error.errno in PASSING:
                raise dg.RetryRequested(max_retries=MOST_RETRIES, seconds_to_wait=RETRY_SECONDS) from None
            raise
        except (MemoryError, duckdb.OutOfMemoryException):
            raise dg.Failure(TOO_LITTLE_MEMORY, allow_retries=False) from None
        except RuntimeError as error:
            if was_interrupted(error):
                raise dg.Failure(STOPPED, allow_retries=False) from None
            _tell_damage(kwargs.get("lake"))
            raise
        except Exception:
            _tell_damage(kwargs.get("lake"))
            raise

    return telling


def _tell_damage(lake: object) -> None:
    """Where a step broke over tables that are cut off, say which and how each is mended: the error itself is withheld.

    Raises:
        dg.Failure: a table of the lake is damaged.
    """
    root = getattr(lake, "root", None)
    found = [f"{name} is damaged; {mend}" for name, mend in damaged_tables(Path(root))] if root else []
    if found:
        more = f" (and {len(found) - MOST_TOLD} more: countylink doctor)" if len(found) > MOST_TOLD else ""
        raise dg.Failure("; ".join(found[:MOST_TOLD]) + more, allow_retries=False) from None


def counts(values: dict[str, Any]) -> dict[str, Any]:
    """Metadata that is safe to store: whole numbers, short codes of ours, nothing else."""
    for name, value in values.items():
        if not isinstance(value, int | float | str | bool | dict | list):
            raise dg.Failure(f"metadata {name} is a {type(value).__name__}; only counts and codes are stored")
    return values
