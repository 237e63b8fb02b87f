"""A release is on the disk before anybody is sent to it: the system calls of a publication, in their order."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.pipeline.counties import CHECKOUT

CALLS = "fsync,fdatasync,rename,renameat,renameat2"

FSYNC = re.compile(r"f(?:data)?sync\(\d+<(?P<path>[^>]*)>\)\s+= 0")
RENAME = re.compile(r'rename(?:at2?)?\((?:AT_FDCWD(?:<[^>]*>)?, )?"(?P<path>[^"]*)", (?:AT_FDCWD(?:<[^>]*>)?, )?'
                    r'"(?P<to>[^"]*)".*\)\s+= 0')  # fmt: skip


@dataclass(frozen=True)
class Call:
    """A system call that ended well. `to` is set for a rename."""

    path: str
    to: str = ""


def calls(log: Path) -> list[Call]:
    found = []
    for line in log.read_text(encoding="utf-8").splitlines():
        if renamed := RENAME.search(line):
            found.append(Call(renamed["path"], renamed["to"]))
        elif synced := FSYNC.search(line):
            found.append(Call(synced["path"]))
    return found


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Call]]:
    """The product folder of a lake after a publication, and the calls that were made."""
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed")
    folder = tmp_path_factory.mktemp("traced")
    log = folder / "calls.log"
    words = ["strace", "-f", "-y", "-e", f"trace={CALLS}", "-o", str(log)]
    words += [sys.executable, "-m", "tests.faults.publish_once", str(folder / "lake")]
    done = subprocess.run(words, cwd=CHECKOUT, capture_output=True, text=True, timeout=300)
    if "Operation not permitted" in done.stderr and "ptrace" in done.stderr:
        pytest.skip("this machine does not let a process be traced")
    assert done.returncode == 0, done.stderr[-2000:]
    return folder.resolve() / "lake/published/outcomes", calls(log)


def place_of(found: list[Call], path: str, to: str = "") -> int:
    """Where a call stands, the last time that it was made."""
    return max(at for at, call in enumerate(found) if (call.path, call.to) == (path, to))


def test_files_are_synced_before_their_folder_and_that_before_it_gets_its_name(published) -> None:
    product, found = published
    (release,) = (product / "releases").iterdir()
    candidate = product / "candidates" / release.name
    (staged,) = {call.path for call in found if call.to == str(candidate)}
    named = place_of(found, staged, str(candidate))
    folder = place_of(found, staged)
    files = [path.relative_to(release).as_posix() for path in release.rglob("*") if path.is_file()]
    assert len(files) > 30
    assert all(place_of(found, f"{staged}/{name}") < folder < named for name in files)
    inner = [path.relative_to(release).as_posix() for path in release.rglob("*") if path.is_dir()]
    assert all(place_of(found, f"{staged}/{name}") < folder for name in inner)
    assert named < place_of(found, str(product / "candidates"))


def test_a_release_is_durable_before_latest_points_at_it(published) -> None:
    product, found = published
    (release,) = (product / "releases").iterdir()
    written = found.index(next(call for call in found if call.path == str(product / "candidates") and not call.to))
    let_out = place_of(found, str(product / "candidates" / release.name), str(release))
    parent = place_of(found, str(product / "releases"))
    (staged_link,) = {call.path for call in found if call.to == str(product / "latest")}
    pointed = place_of(found, staged_link, str(product / "latest"))
    told = max(at for at, call in enumerate(found) if call.to.startswith(str(product / "catalogue")))
    assert written < let_out < parent < told < pointed < place_of(found, str(product))
