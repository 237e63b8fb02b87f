"""A process that is stopped in the middle of a statement says so: DuckDB turns what stopped it into a RuntimeError."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import suppress
from types import FrameType

import click
import dagster as dg
import pytest
from click.testing import CliRunner

from pipelines import sql
from pipelines.cli import Command
from pipelines.defs.privacy import STOPPED, told

SUM = "select sum(range) from range(30000000)"
"""Takes long enough for a signal to meet it, and looks for signals as it goes."""

TRIES = 200


class TimeIsUpError(Exception):
    """What the handler of a signal raises."""


def end(_: int, __: FrameType | None) -> None:
    raise TimeIsUpError


@pytest.fixture(autouse=True)
def handled() -> Iterator[None]:
    # of the process's own time: SIGALRM belongs to the time limit of the tests
    before = signal.signal(signal.SIGVTALRM, end)
    yield
    signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    signal.signal(signal.SIGVTALRM, before)


def ask() -> None:
    """Run a statement until a signal comes while it runs, and not just after it."""
    with sql.connect() as connection:
        for _ in range(TRIES):
            with suppress(TimeIsUpError):
                signal.setitimer(signal.ITIMER_VIRTUAL, 0.02)
                connection.execute(SUM)


def test_a_statement_that_a_signal_ends_is_known_as_such() -> None:
    with pytest.raises(RuntimeError) as caught:
        ask()
    assert sql.was_interrupted(caught.value)
    assert not sql.was_interrupted(RuntimeError("another"))


def test_a_step_tells_that_it_was_stopped_and_not_that_its_error_was_unforeseen() -> None:
    @told
    def step() -> Iterator[None]:
        ask()
        yield None

    with pytest.raises(dg.Failure) as caught:
        list(step())
    assert caught.value.description == STOPPED
    assert not caught.value.allow_retries


def test_a_command_that_is_stopped_ends_without_a_traceback() -> None:
    @click.group(cls=Command)
    def group() -> None:
        pass

    @group.command()
    def query() -> None:
        ask()

    ran = CliRunner().invoke(group, ["query"])
    assert (ran.exit_code, ran.output) == (1, "Aborted!\n")
