"""A linked lake that is made once, and copies of it to be changed."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipelines.lake import Lake
from pipelines.operations.state import write_state
from tests.review_app.places import Site, linked_lake, serving, with_people


@pytest.fixture(scope="package")
def made_lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return with_people(linked_lake(tmp_path_factory.mktemp("reviewed") / "lake"))


@pytest.fixture
def lake(made_lake: Lake, tmp_path: Path) -> Lake:
    """A copy of its own."""
    shutil.copytree(made_lake.root, tmp_path / "lake")
    lake = Lake(tmp_path / "lake")
    write_state(lake)
    return lake


@pytest.fixture
def site(lake: Lake) -> Iterator[Site]:
    """The app on a lake of its own."""
    with serving(lake) as running:
        yield running
