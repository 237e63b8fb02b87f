"""`python -m benchmarks.linkage FOLDER [SET …]`: accuracy and time of linking each labelled set in a folder.

A set is a folder with records.parquet and truth.parquet. Each is trained on itself without labels, with the one
configuration there is, then linked; the time is both together.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from pathlib import Path

from pipelines.link import evaluate, link_table


def main(folder: Path, names: list[str]) -> None:
    """Print a line a set: pairwise F1, precision, recall, B-cubed F1, exact persons, seconds, candidate pairs."""
    print(f"{'set':<12} {'F1':>7} {'prec.':>7} {'recall':>7} {'B3 F1':>7} {'exact':>7} {'s':>6} {'pairs':>10}")
    for name in names or sorted(path.parent.name for path in folder.glob("*/truth.parquet")):
        _one(folder / name)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"peak memory {peak:.1f} GiB")


def _one(folder: Path) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        persons = Path(scratch) / "persons.parquet"
        began = time.perf_counter()
        report = link_table(folder / "records.parquet", persons)
        seconds = time.perf_counter() - began
        q = evaluate(persons, folder / "truth.parquet").overall
    rates = (q.f1, q.precision, q.recall, q.bcubed_f1, q.persons_exactly_right)
    told = " ".join(f"{rate:7.4f}" if rate is not None else "      –" for rate in rates)
    print(f"{folder.name:<12} {told} {seconds:6.1f} {report.candidate_pairs:10,}", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
