"""An error in the middle of writing leaves no file that looks like a whole one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines.lake import Lake, new_folder, replacing
from pipelines.publish import publish
from pipelines.publish.latest import latest_release
from tests.pipeline.counties import CHECKOUT
from tests.unit.fake_lake import fake_lake, shipped_contracts, write_receipts

ROWS = pa.table({"a": list(range(1000))})


class BrokenError(Exception):
    """What a generator of rows raises halfway."""


def rows() -> Iterator[pa.Table]:
    yield ROWS
    raise BrokenError


def test_a_table_that_breaks_halfway_leaves_the_one_before(tmp_path: Path) -> None:
    target = tmp_path / "a.parquet"
    pq.write_table(ROWS, target)
    before = target.read_bytes()
    with pytest.raises(BrokenError), replacing(target) as staged, pq.ParquetWriter(staged, ROWS.schema) as writer:
        for part in rows():
            writer.write_table(part)
    assert target.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["a.parquet"]


def test_a_folder_that_breaks_halfway_is_absent(tmp_path: Path) -> None:
    with pytest.raises(BrokenError), new_folder(tmp_path / "a") as staged:
        pq.write_table(ROWS, staged / "one.parquet")
        raise BrokenError
    assert list(tmp_path.iterdir()) == []


def test_a_release_whose_page_breaks_is_absent_and_the_last_one_stays(tmp_path: Path) -> None:
    lake = fake_lake(tmp_path / "lake")
    write_receipts(lake)

    def broken(_: Path) -> None:
        raise BrokenError

    def publish_it(bundle: str, draw: object = None) -> str:
        return publish(
            lake,
            contracts=shipped_contracts(),
            outcome_contracts=CHECKOUT / "outcome_contracts",
            bundle_version=bundle,
            as_of=date(2026, 11, 1),
            held=(),
            draw=draw,  # type: ignore[arg-type]
        ).release_id

    first = publish_it("b1")
    with pytest.raises(BrokenError):
        publish_it("b2", broken)
    assert [path.name for path in (lake.root / "published/outcomes/releases").iterdir()] == [first]
    assert list((lake.root / "published/outcomes/candidates").iterdir()) == []
    latest = latest_release(Lake(lake.root))
    assert latest is not None
    assert latest.name == first
