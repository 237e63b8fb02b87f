"""Lakes that several tests look at and none changes; a test that changes one works on a copy."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pipelines.lake import guard_privacy
from synthetic.county import generate
from tests.pipeline.counties import NIGHTS, PEOPLE, SEED, Place

SAID = "said.txt"
"""What was said during the nights of a shared lake, beside it."""

os.environ.pop("DAGSTER_HOME", None)  # of whoever runs the tests: their nights would be written into it
guard_privacy()  # as every command does: a lake that others can look into is refused


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a file's lock against the other workers of this test run."""
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """A folder that all workers of a test run share: whoever asks first makes it, the others wait for it.

    No test may change what is in it, nor open Dagster's databases there: another worker may be copying them.
    """
    own = factory.getbasetemp()
    shared = own.parent if os.environ.get("PYTEST_XDIST_WORKER") else own
    folder, is_made = shared / f"once_{name}", shared / f"once_{name}.made"
    with locked(shared / f"once_{name}.lock"):
        if not is_made.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(mode=0o700)
            make(folder)
            is_made.touch()
    return folder


@pytest.fixture(scope="session")
def county(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Deliveries of three nights, and the truth."""
    return made_once(tmp_path_factory, "county", make_county)


def make_county(folder: Path) -> None:
    generate(folder, people=PEOPLE, seed=SEED, days=len(NIGHTS))


@pytest.fixture(scope="session")
def nightly(county: Path, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A lake that was run on each of the first two nights, by the nightly job."""

    def make(folder: Path) -> None:
        place = Place(folder)
        for night in NIGHTS[:2]:
            summary = place.deliver(county, [night]).run()
            assert (summary.status, summary.exit_code) == ("published", 0), summary
        (folder / SAID).write_text("\n".join(place.said), encoding="utf-8")

    folder = made_once(tmp_path_factory, "nightly", make)
    return Place(folder, said=(folder / SAID).read_text(encoding="utf-8").splitlines())


@pytest.fixture(scope="session")
def at_once(county: Path, nightly: Place, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A lake that got the deliveries of both nights in one run, without Dagster."""

    def make(folder: Path) -> None:
        place = Place(folder).deliver(county, NIGHTS[:2])
        place.use_key_of(nightly).remember_as(nightly)
        place.run_stages()

    return Place(made_once(tmp_path_factory, "at_once", make))
