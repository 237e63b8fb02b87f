"""Ours, as `countylink link-table` does it: trained on the set itself, without labels, or with the pinned bundle."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from benchmarks.processes import tell
from linkage_rules.bundle import shipped_bundle
from pipelines.link import link_table


def main(folder: Path, out: Path, *, pinned: bool) -> None:
    """Link a set; tells how long it took and how many pairs were scored."""
    began = time.monotonic()
    linked = link_table(folder / "records.parquet", out, bundle=shipped_bundle() if pinned else None)
    tell(seconds=time.monotonic() - began, candidate_pairs=linked.report.candidate_pairs)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), pinned=sys.argv[3:] == ["pinned"])
