"""What Dagster would store or print of a row is closed, each leak by itself."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
import yaml

from pipelines.commands.dagster_home import instance_at
from pipelines.defs import privacy
from pipelines.errors import LakeError
from tests.pipeline.counties import CHECKOUT

CANARY = "Quolmstrandx"


def raised(error: Exception) -> tuple[type[BaseException], BaseException, object]:
    try:
        raise error
    except Exception as caught:
        return type(caught), caught, caught.__traceback__


def test_a_value_is_neither_stored_nor_loaded() -> None:
    manager = privacy.RefusingIOManager()
    manager.handle_output(dg.build_output_context(), None)
    with pytest.raises(dg.Failure, match="a step returned a value") as refused:
        manager.handle_output(dg.build_output_context(), {"name": CANARY})
    assert CANARY not in str(refused.value)
    with pytest.raises(dg.Failure, match="a step asked for a value"):
        manager.load_input(dg.build_input_context())


def test_the_log_of_an_error_has_its_type_and_place_and_not_its_text() -> None:
    record = logging.LogRecord("dagster", logging.ERROR, "here", 1, "a step failed", (), raised(ValueError(CANARY)))
    assert privacy.WithoutMessages().filter(record)
    told = logging.Formatter().format(record)
    assert "ValueError (its text is withheld)" in told
    assert "test_leaks.py" in told
    assert CANARY not in told


def test_the_root_of_a_chain_of_errors_is_withheld_as_well() -> None:
    outer = RuntimeError(f"about {CANARY}")
    outer.__cause__ = ValueError(CANARY)
    record = logging.LogRecord("dagster", logging.ERROR, "here", 1, "a step failed", (), raised(outer))
    privacy.WithoutMessages().filter(record)
    assert CANARY not in logging.Formatter().format(record)


def test_a_failure_in_words_of_ours_is_not_logged_a_second_time() -> None:
    failure = raised(dg.Failure("the disk of the lake is full"))
    record = logging.LogRecord("dagster", logging.ERROR, "here", 1, "a step failed", (), failure)
    assert not privacy.WithoutMessages().filter(record)


def test_our_own_errors_are_told_and_others_are_not_touched() -> None:
    @privacy.told
    def ours() -> Iterator[int]:
        raise LakeError("a table is missing; run the nightly job")
        yield 1

    @privacy.told
    def other() -> Iterator[int]:
        raise ValueError(CANARY)
        yield 1

    with pytest.raises(dg.Failure, match="run the nightly job"):
        list(ours())
    with pytest.raises(ValueError, match=CANARY):
        list(other())


@pytest.mark.parametrize("value", [b"bytes", object(), Path("x"), None])
def test_metadata_is_counts_and_codes(value: object) -> None:
    assert privacy.counts({"rows": 3, "agencies": ["sheriff"]}) == {"rows": 3, "agencies": ["sheriff"]}
    with pytest.raises(dg.Failure, match="only counts and codes"):
        privacy.counts({"row": value})


def test_user_errors_are_redacted_and_nothing_is_sent_anywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DAGSTER_REDACT_USER_CODE_ERRORS", "DAGSTER_DISABLE_TELEMETRY"):
        monkeypatch.delenv(name, raising=False)
    privacy.guard()
    assert os.environ["DAGSTER_REDACT_USER_CODE_ERRORS"] == "1"
    assert os.environ["DAGSTER_DISABLE_TELEMETRY"] == "true"
    assert any(isinstance(one, privacy.WithoutMessages) for one in logging.getLogger(privacy.REDACTED_ERRORS).filters)


def test_what_a_step_prints_is_not_kept(tmp_path: Path) -> None:
    with instance_at(tmp_path / "dagster") as instance:
        assert type(instance.compute_log_manager).__name__ == "NoOpComputeLogManager"
    shipped = yaml.safe_load((CHECKOUT / "deployment" / "dagster.yaml").read_text())
    assert shipped["telemetry"] == {"enabled": False}


def test_no_core_file_and_no_open_file_is_left_by_the_command(tmp_path: Path) -> None:
    code = (
        "from click.testing import CliRunner; from pipelines.cli import main; from pathlib import Path; "
        f"CliRunner().invoke(main, ['lint']); Path(r'{tmp_path}/made').write_text('x')"
    )
    subprocess.run([sys.executable, "-c", code], cwd=CHECKOUT, check=True, timeout=120)
    assert (tmp_path / "made").stat().st_mode & 0o077 == 0
