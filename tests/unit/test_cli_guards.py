"""What the shell around the stages refuses, hides and locks."""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from pipelines.defs import privacy
from pipelines.defs.locking import sole_writer
from pipelines.errors import LakeError

SECRET = "Zyxwvutia Quolmstrand 987-65-4321"


def failing_job(error: Exception) -> dg.ExecuteInProcessResult:
    @dg.asset
    @privacy.told
    def broken() -> Iterator[dg.MaterializeResult]:
        raise error
        yield dg.MaterializeResult()

    privacy.guard()
    return dg.materialize([broken], instance=dg.DagsterInstance.ephemeral(), raise_on_error=False)


def _raise(error: Exception) -> None:
    raise error


def test_an_error_of_ours_is_told_in_full() -> None:
    result = failing_job(LakeError("the table is not there; run the stage before"))
    (failure,) = [event for event in result.all_events if event.is_step_failure]
    assert failure.step_failure_data.user_failure_data.description == "the table is not there; run the stage before"


def test_any_other_error_keeps_its_text_to_itself(capfd: pytest.CaptureFixture[str]) -> None:
    result = failing_job(ValueError(SECRET))
    printed = "".join(capfd.readouterr())
    assert not result.success
    assert SECRET not in str(result.all_events)
    assert SECRET not in printed


def test_a_masked_error_still_says_its_type_and_place() -> None:
    record = logging.LogRecord("x", logging.ERROR, __file__, 1, "an error", None, None)
    try:
        _raise(ValueError(SECRET))
    except ValueError as error:
        record.exc_info = (type(error), error, error.__traceback__)
    assert privacy.WithoutMessages().filter(record)
    assert "ValueError" in record.getMessage()
    assert "test_cli_guards.py" in record.getMessage()
    assert SECRET not in record.getMessage()


def test_a_value_that_a_step_returns_is_refused() -> None:
    @dg.asset
    def leaking() -> str:
        return SECRET

    result = dg.materialize(
        [leaking],
        resources={"io_manager": privacy.RefusingIOManager()},
        instance=dg.DagsterInstance.ephemeral(),
        raise_on_error=False,
    )
    assert not result.success
    assert SECRET not in str(result.all_events)


def test_one_process_may_take_the_lock_twice(tmp_path: Path) -> None:
    with sole_writer(tmp_path), sole_writer(tmp_path):
        pass
    with sole_writer(tmp_path):
        pass


def hold(lake: Path, holding: multiprocessing.synchronize.Event) -> None:
    with sole_writer(lake):
        holding.set()
        time.sleep(60)


def test_a_second_process_is_refused_until_the_first_is_dead(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    holding = context.Event()
    other = context.Process(target=hold, args=(tmp_path, holding))
    other.start()
    try:
        assert holding.wait(60)
        with pytest.raises(LakeError, match="another run is writing"), sole_writer(tmp_path):
            pass
    finally:
        assert other.pid
        os.kill(other.pid, signal.SIGKILL)
        other.join()
    with sole_writer(tmp_path):
        pass
