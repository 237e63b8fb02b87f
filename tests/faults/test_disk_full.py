"""A disk that is full stops a run with a sentence; what was published stays, and nothing half-written is left."""

from __future__ import annotations

import resource
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pipelines.errors import LakeError
from pipelines.lake import Lake, new_folder
from pipelines.publish import verify_release
from pipelines.publish.latest import latest_release
from pipelines.validate import accepted_deliveries, validate_deliveries
from tests.intake import PATIENT_HEADER, county, patient
from tests.pipeline.counties import CHECKOUT

TMPFS = ["unshare", "--mount", "--map-root-user", "sh", "-c"]

SMALL = 200_000
"""Bytes that a file may have: less than the largest page of a release."""


def publish(lake: Path, bundle: str, **options: object) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, "-m", "tests.faults.publish_once", str(lake), bundle]
    return subprocess.run(words, cwd=CHECKOUT, capture_output=True, text=True, timeout=500, **options)  # type: ignore[call-overload]


def no_large_file() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (SMALL, SMALL))


@pytest.mark.timeout(1200)
def test_a_release_that_does_not_fit_is_absent_and_the_last_one_stays(tmp_path: Path) -> None:
    first, _ = publish(tmp_path / "lake", "b1").stdout.split()
    failed = publish(tmp_path / "lake", "b2", preexec_fn=no_large_file)
    assert failed.returncode == 1
    assert "the disk of the lake is full" in failed.stderr
    assert "Traceback" not in failed.stderr
    lake = Lake(tmp_path / "lake")
    latest = latest_release(lake)
    assert latest is not None
    assert latest.name == first
    assert verify_release(latest).is_whole
    assert not list(lake.root.rglob("*.staged"))
    assert publish(tmp_path / "lake", "b2").stdout.split()[1] == "True"


FILL = "from pipelines.lake import Lake; from pipelines.errors import LakeError; from pathlib import Path; import os"

WRITE = {
    "a table": "from pipelines import sql\nwith sql.connect(places=[lake.root]) as c:\n    "
    "lake.write('standard', 'clients', c.sql('select uuid() as a from range(900000)'))",
    "a folder": "from pipelines.lake import new_folder\nwith new_folder(lake.root / 'raw' / 'd') as staged:\n    "
    "(staged / 'a').write_bytes(bytes(40_000_000))",
    "a file": "from pipelines.lake import replacing\nwith replacing(lake.root / 'a') as staged:\n    "
    "staged.write_bytes(bytes(40_000_000))",
}


@pytest.mark.parametrize("what", WRITE)
def test_a_full_disk_is_told_and_leaves_nothing(tmp_path: Path, what: str) -> None:
    """A real file system of eight mebibytes, in a name space of its own."""
    if shutil.which("unshare") is None:
        pytest.skip("unshare is not installed")
    body = "\n    ".join(WRITE[what].splitlines())
    script = (
        f"{FILL}\nlake = Lake(Path({str(tmp_path)!r}))\n(lake.root / 'kept').write_text('x')\ntry:\n    {body}\n"
        "except LakeError as error:\n    print(error)\n"
        "print(sorted(path.name for path in lake.root.rglob('*') if path.is_file()))"
    )
    (tmp_path.parent / f"{tmp_path.name}.py").write_text(script)
    mounted = f"mount -t tmpfs -o size=8m none {tmp_path} && exec {sys.executable} {tmp_path}.py"
    done = subprocess.run([*TMPFS, mounted], cwd=CHECKOUT, capture_output=True, text=True, timeout=300,
                          env={"PYTHONPATH": str(CHECKOUT), "PATH": "/usr/bin:/bin"})  # fmt: skip
    if "Operation not permitted" in done.stderr or "permission denied" in done.stderr:
        pytest.skip("this machine does not let a process mount a file system of its own")
    assert done.returncode == 0, done.stderr[-1500:]
    assert "the disk of the lake is full" in done.stdout
    assert done.stdout.splitlines()[-1] == "['kept']"


def test_another_error_while_writing_is_told_as_it_is(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), new_folder(tmp_path / "a"):
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("harm", [Path.touch, lambda path: path.symlink_to("/dev/full")])
def test_a_quarantine_that_cannot_be_written_stops_the_run_and_drops_no_row(
    tmp_path: Path, harm: Callable[[Path], None]
) -> None:
    made = county(tmp_path)
    made.deliver({"patient.csv": PATIENT_HEADER + patient() + patient(patient_id="p2") + patient("p3", sex_code="X")})
    made.take()
    harm(made.lake.root / "quarantine")
    with pytest.raises((OSError, LakeError)):
        validate_deliveries(made.lake, made.contracts())
    assert accepted_deliveries(made.lake) == []
