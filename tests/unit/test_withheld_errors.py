"""What a log says of a step that broke: where, and never what was read."""

from __future__ import annotations

import logging
import sys

import dagster as dg

from pipelines.defs.privacy import WithoutMessages


def record_of(error: Exception) -> logging.LogRecord:
    """What Dagster logs of an error that a step raised."""
    try:
        raise error
    except Exception:
        return logging.LogRecord("dagster", logging.ERROR, __file__, 1, "an error", None, sys.exc_info())


def test_an_unforeseen_error_is_logged_by_its_type_and_place_alone() -> None:
    record = record_of(ValueError("Alder, born 1980-12-31"))
    assert WithoutMessages().filter(record)
    told = logging.Formatter().format(record)
    assert "ValueError (its text is withheld)" in told
    assert "record_of" in told
    assert "Alder" not in told


def test_a_failure_in_words_of_ours_is_not_logged_a_second_time() -> None:
    assert not WithoutMessages().filter(record_of(dg.Failure("the disk of the lake is full")))
