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

PART_SEED = 1
"""Any number, as long as it stays: the same part in every run."""


@dataclass(frozen=True)
class Limits:
    """What dedupe may take: of a larger set it is given a part, and what takes longer is stopped."""

    records: int = 5_000
    """It took a quarter of an hour and 15 GB on 22,000; on 5,000 of a set it comes to an end in minutes."""
    minutes: float = 60.0
    """For all sets together: each may take its part of what the sets before it left."""
    gib: int = 16
    """Of address space: rather no figure than a machine without memory."""

    def __str__(self) -> str:
        return f"at most {self.records:,} records of each set, in {self.minutes:g} minutes for all sets, {self.gib} GiB"


@dataclass
class Budget:
    """The seconds that are left for the sets still to come."""

    seconds: float
    sets: int

    def share(self) -> float:
        """What the next set may take."""
        return max(self.seconds, 0.0) / max(self.sets, 1)

    def spend(self, seconds: float) -> None:
        """One set is done."""
        self.seconds, self.sets = self.seconds - seconds, self.sets - 1


COLUMNS = ("first_name", "last_name", "dob", "ssn", "address", "zip")
"""What dedupe compares and blocks on; with more, learning to block takes too long."""

KEY = ["source", "source_record_id"]


class NotFeasibleError(StepError):
    """dedupe cannot be had here."""


def part_of(folder: Path, records: int, into: Path) -> Path:
    """A set of at most so many records: the folder itself, or whole persons of it, chosen by chance, in `into`.

    Fewer persons have fewer namesakes, so a figure on a part is held against another method on the same part only.
    """
    truth = pl.read_parquet(folder / "truth.parquet")
    if truth.height <= records:
        return folder
    order = pl.col("person_id").hash(seed=PART_SEED)
    chosen = truth.sort(order, "person_id").head(records)
    cut = chosen["person_id"][-1]
    chosen = chosen.filter(pl.col("person_id") != cut)
    chosen.write_parquet(into / "truth.parquet")
    pl.read_parquet(folder / "records.parquet").join(chosen.select(KEY), on=KEY, how="semi").write_parquet(
        into / "records.parquet"
    )
    return into


def link(folder: Path, out: Path, gib: int, seconds: float) -> Step:
    """Link a set with dedupe; writes `out` as the other methods do.

    Raises:
        NotFeasibleError: dedupe cannot be installed.
        StepTimeoutError: it took more than so many seconds.
        StepError: it took more memory than so many GiB.
    """
    python = _environment()
    truth = pl.read_parquet(folder / "truth.parquet").select(*KEY, pl.col("person_id").alias("truth"))
    rows = pl.read_parquet(folder / "records.parquet").join(truth, on=KEY).with_row_index("row")
    used = [column for column in COLUMNS if column in rows.columns and rows[column].null_count() < rows.height]
    with tempfile.TemporaryDirectory() as scratch:
        table, found = Path(scratch) / "records.csv", Path(scratch) / "found.csv"
        rows.select("row", "truth", *used).write_csv(table)
        step = run_command([python, str(SCRIPT), str(table), str(found), str(LABELS), str(gib)], seconds)
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
