"""With little memory a step spills to the lake's own disk, or fails cleanly; it never gives another answer."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from pipelines import sql
from pipelines.errors import LakeError
from pipelines.lake import Lake

ROWS = 1_000_000
QUERY = f"select hash(a) as a, repeat('x', 40) as b from range({ROWS}) as t (a) order by a"


def test_what_does_not_fit_is_spilled_inside_the_lake_and_comes_out_the_same(tmp_path: Path) -> None:
    answers = []
    for limit in ("60MB", "2GB"):
        lake = Lake(tmp_path / limit)
        with sql.connect(lake.spill, memory_limit=limit) as connection:
            assert lake.write("standard", "clients", connection.sql(QUERY)) == ROWS
            path = sql.literal(str(lake.path("standard", "clients")))
            answers += connection.sql(f"select count(*), sum(a::hugeint), min(a) from {path}").fetchall()
    assert answers[0] == answers[1]
    assert list(Lake(tmp_path / "60MB").spill.iterdir()) == []


def test_without_room_to_spill_the_step_fails_and_the_table_stays_as_it_was(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "lake")
    with sql.connect(lake.spill) as connection:
        lake.write("standard", "clients", connection.sql("select 1 as a"))
    before = lake.path("standard", "clients").read_bytes()
    with (
        sql.connect(None, places=[lake.root], memory_limit="20MB") as connection,
        pytest.raises((duckdb.Error, LakeError)),
    ):
        lake.write("standard", "clients", connection.sql(QUERY))
    assert lake.path("standard", "clients").read_bytes() == before
    assert not list(lake.root.rglob("*.staged"))
