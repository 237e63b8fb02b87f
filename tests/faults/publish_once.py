"""Publish the fake lake in a folder, once; in a process of its own, to be watched, starved or put in another time.

python -m tests.faults.publish_once LAKE [BUNDLE]: makes the lake where it is not there; prints the release's name.
"""

import sys
from datetime import date
from pathlib import Path

from pipelines.errors import CountylinkError
from pipelines.lake import Lake, guard_privacy
from pipelines.publish import publish
from pipelines.reports import draw
from tests.pipeline.counties import CHECKOUT
from tests.unit.fake_lake import fake_lake, shipped_contracts, write_receipts


def main(root: Path, bundle: str = "b1") -> None:
    """Fill a lake under `root` if there is none, and publish it; an error of ours is told, as the commands do."""
    guard_privacy()
    lake = Lake(root)
    if not (root / "standard").exists():
        write_receipts(fake_lake(root))
    try:
        report = publish(
            lake,
            contracts=shipped_contracts(),
            outcome_contracts=CHECKOUT / "outcome_contracts",
            bundle_version=bundle,
            as_of=date(2026, 11, 1),
            held=(),
            draw=draw,
        )
    except CountylinkError as error:
        sys.exit(f"countylink: {error}")
    sys.stdout.write(f"{report.release_id} {report.is_latest}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), *sys.argv[2:])
