"""Lakes that several tests look at and none changes; a test that changes one works on a copy."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from pipelines.lake import guard_privacy
from synthetic.county import generate
from tests.pipeline.counties import NIGHTS, PEOPLE, SEED, Place

guard_privacy()  # as every command does: a lake that others can look into is refused


@event.listens_for(Engine, "connect")
def _do_not_wait_for_the_disk(connection: Any, _: object) -> None:
    """Dagster's run log of a test need not outlive a power cut; waiting for the disk is half of a small run."""
    if isinstance(connection, sqlite3.Connection):
        connection.execute("pragma synchronous = off")


@pytest.fixture(scope="session")
def county(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Deliveries of three nights, and the truth."""
    folder = tmp_path_factory.mktemp("county")
    generate(folder, people=PEOPLE, seed=SEED, days=len(NIGHTS))
    return folder


@pytest.fixture(scope="session")
def nightly(county: Path, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A lake that was run on each of the first two nights, by the nightly job."""
    place = Place(tmp_path_factory.mktemp("nightly"))
    for night in NIGHTS[:2]:
        summary = place.deliver(county, [night]).run()
        assert (summary.status, summary.exit_code) == ("published", 0), summary
    return place


@pytest.fixture(scope="session")
def at_once(county: Path, nightly: Place, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A lake that got the deliveries of both nights in one run, without Dagster."""
    place = Place(tmp_path_factory.mktemp("at_once")).deliver(county, NIGHTS[:2])
    place.use_key_of(nightly).remember_as(nightly)
    place.run_stages()
    return place
