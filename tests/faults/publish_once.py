"""Publish the fake lake in a folder, once; a process of its own, so that its system calls can be watched."""

import sys
from datetime import date
from pathlib import Path

from pipelines.publish import publish
from pipelines.reports import draw
from tests.pipeline.counties import CHECKOUT
from tests.unit.fake_lake import fake_lake, shipped_contracts, write_receipts


def main(root: Path) -> None:
    """Fill a lake under `root` and publish it."""
    lake = fake_lake(root)
    write_receipts(lake)
    publish(
        lake,
        contracts=shipped_contracts(),
        outcome_contracts=CHECKOUT / "outcome_contracts",
        bundle_version="b1",
        as_of=date(2026, 11, 1),
        held=(),
        draw=draw,
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
