"""dedupe 3 in an environment of its own, made on demand, with labels from the truth; for small sets only."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from benchmarks.processes import Step, StepError, run_command

PACKAGES = ("dedupe==3.0.3", "BTrees<6")
"""dedupe 3.0.3 calls a method that BTrees no longer has from version 6 on."""

ENVIRONMENT = Path("build/dedupe-environment")
SCRIPT = Path(__file__).with_name("dedupe_peer.py")
LABELS = 200


@dataclass(frozen=True)
class Limits:
    """What dedupe may take on a set; larger sets are left out, and what takes longer is stopped."""

    records: int = 10_000
    """It took a quarter of an hour and 15 GB on 22,000."""
    minutes: float = 15.0
    gib: int = 16
    """Of address space: rather no figure than a machine without memory."""

    def __str__(self) -> str:
        return f"sets of at most {self.records:,} records, in {self.minutes:g} minutes and {self.gib} GiB each"


COLUMNS = ("first_name", "last_name", "dob", "ssn", "address", "zip")
"""What dedupe compares and blocks on; with more, learning to block takes too long."""

KEY = ["source", "source_record_id"]


class NotFeasibleError(StepError):
    """dedupe cannot be had here, or the set is too large for it."""


def link(folder: Path, out: Path, limits: Limits) -> Step:
    """Link a set with dedupe; writes `out` as the other methods do.

    Raises:
        NotFeasibleError: the set has more records than the limits allow, or dedupe cannot be installed.
        StepError: it took longer, or more memory, than the limits allow.
    """
    records = pl.read_parquet(folder / "records.parquet")
    if records.height > limits.records:
        raise NotFeasibleError(f"left out: {records.height:,} records; --dedupe-records says how many it may have")
    python = _environment()
    truth = pl.read_parquet(folder / "truth.parquet").select(*KEY, pl.col("person_id").alias("truth"))
    rows = records.join(truth, on=KEY).with_row_index("row")
    used = [column for column in COLUMNS if column in rows.columns and rows[column].null_count() < rows.height]
    with tempfile.TemporaryDirectory() as scratch:
        table, found = Path(scratch) / "records.csv", Path(scratch) / "found.csv"
        rows.select("row", "truth", *used).write_csv(table)
        step = run_command(
            [python, str(SCRIPT), str(table), str(found), str(LABELS), str(limits.gib)], 60 * limits.minutes
        )
        persons = pl.read_csv(found, schema={"row": pl.UInt32, "person_id": pl.Int64})
        rows.join(persons, on="row").select(*KEY, "person_id").write_parquet(out)
    return step


def _environment() -> str:
    """The Python that has dedupe; installs it the first time."""
    python = ENVIRONMENT / "bin/python"
    if not (ENVIRONMENT / ".installed").exists():
        try:
            subprocess.run([sys.executable, "-m", "venv", "--clear", str(ENVIRONMENT)], check=True, capture_output=True)
            install = [str(python), "-m", "pip", "install", "--quiet", *PACKAGES]
            subprocess.run(install, check=True, capture_output=True, timeout=900)
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
            raise NotFeasibleError(f"{PACKAGES[0]} cannot be installed here") from error
        (ENVIRONMENT / ".installed").touch()
    return str(python)
