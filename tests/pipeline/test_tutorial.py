"""The tutorial's commands, run as they stand: what a newcomer types is what works."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

from tests.pipeline.counties import CHECKOUT

TUTORIAL = CHECKOUT / "docs" / "tutorial.md"
SECONDS = 800
"""Far beyond what it takes; a busy machine is no fault of the tutorial."""

pytestmark = pytest.mark.timeout(900)


def commands() -> str:
    """Every fenced block of bash, in order, as one script that ends at the first error."""
    blocks = re.findall(r"^```bash\n(.*?)^```$", TUTORIAL.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    return "\n".join(["set -euo pipefail", *(f"echo '## block {number}'\n{one}" for number, one in enumerate(blocks))])


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[int, str]:
    """What each block printed."""
    folder = tmp_path_factory.mktemp("tutorial")
    on_path = folder / "bin"
    on_path.mkdir()
    for name, module in (("countylink", "-m pipelines.cli "), ("python3", "")):
        (on_path / name).write_text(f'#!/bin/sh\nexec {sys.executable} {module}"$@"\n')
        (on_path / name).chmod(0o700)
    environment = {**os.environ, "PATH": f"{on_path}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": str(CHECKOUT)}
    ended = subprocess.run(
        ["bash", "-c", commands()], cwd=folder, env=environment, capture_output=True, text=True, timeout=SECONDS
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    parts = re.split(r"^## block (\d+)\n", ended.stdout, flags=re.MULTILINE)[1:]
    return dict(zip(map(int, parts[::2]), parts[1::2], strict=True))


def whole(told: dict[int, str]) -> str:
    return "".join(told.values())


def test_the_county_lints_once_probation_has_its_contracts(told: dict[int, str]) -> None:
    counts = re.findall(
        r"^(\d+) data contracts of (\d+) agencies, which agree with the code$", whole(told), re.MULTILINE
    )
    assert counts == [("3", "2")]


def test_the_night_takes_seven_clients_and_finds_six_persons(told: dict[int, str]) -> None:
    assert "linked: 7 clients are 6 persons" in whole(told)


def test_the_line_that_would_be_refused_is_told_before_it_is_sent_and_its_mend_is_taken(told: dict[int, str]) -> None:
    assert "one row would be refused" in whole(told)
    assert told[max(told)].endswith("clean: it can be sent\n")


def test_the_release_is_whole(told: dict[int, str]) -> None:
    assert re.search(r"^\S+ is whole: \d+ files", whole(told), re.MULTILINE)


def test_no_name_of_a_person_is_told(told: dict[int, str]) -> None:
    names = ("Joan", "Alder", "Quintero", "Okafor", "Lindqvist", "Sorensen", "Achebe")
    assert not [name for name in names if name.lower() in whole(told).lower()]
