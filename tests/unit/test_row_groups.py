"""A published table that comes in pieces is the file, and is judged, as if it had come whole."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.publish import row_groups
from pipelines.publish.published_contracts import PublishedColumn, PublishedTable
from pipelines.publish.row_groups import FORM, write_pieces
from pipelines.publish.verify import table_faults

SCHEMA = pa.schema([pa.field("person_key", pa.string(), nullable=False), pa.field("visits", pa.int64())])


def table(*rows: tuple[str | None, int | None]) -> pa.Table:
    columns = [[row[at] for row in rows] for at in range(2)]
    return pa.table([pa.array(columns[0], pa.string()), pa.array(columns[1], pa.int64())], schema=SCHEMA)


def column(name: str, physical_type: str, *, required: bool, minimum: float | None = None) -> PublishedColumn:
    return PublishedColumn(name, physical_type, required, "", "none", (), None, minimum)


CONTRACT = PublishedTable(
    name="visits", title="", version="1", grain="", limitations="", tier="coded", primary_key=("person_key",),
    sorted_by=("person_key",),
    columns=(column("person_key", "utf8", required=True), column("visits", "int64", required=False, minimum=0)),
)  # fmt: skip


@pytest.fixture(autouse=True)
def small_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(row_groups, "GROUP_ROWS", 3)


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sizes=st.lists(st.integers(0, 7), max_size=6))
def test_the_pieces_that_a_table_comes_in_are_not_seen_in_its_file(tmp_path: Path, sizes: list[int]) -> None:
    whole = table(*((f"p{at:02}", at) for at in range(sum(sizes))))
    starts = [sum(sizes[:at]) for at in range(len(sizes))]
    pieces = [whole.slice(start, size) for start, size in zip(starts, sizes, strict=True)]
    assert write_pieces(tmp_path / "in_pieces", SCHEMA, pieces) == whole.num_rows
    pq.write_table(whole, tmp_path / "whole", row_group_size=3, **FORM)
    assert (tmp_path / "in_pieces").read_bytes() == (tmp_path / "whole").read_bytes()


def judged(path: Path, *rows: tuple[str | None, int | None], meant: int | None = None) -> list[str]:
    write_pieces(path / "t.parquet", SCHEMA, [table(*rows)])
    return list(table_faults(path / "t.parquet", CONTRACT, len(rows) if meant is None else meant))


def test_a_table_of_several_row_groups_that_keeps_its_contract_has_no_fault(tmp_path: Path) -> None:
    assert judged(tmp_path, *((f"p{at}", at) for at in range(8))) == []


def test_two_rows_of_one_key_are_found_though_they_lie_in_different_row_groups(tmp_path: Path) -> None:
    assert judged(tmp_path, *((f"p{at % 7}", at) for at in range(8))) == ["visits: two rows share their person_key"]


def test_faults_of_several_row_groups_are_told_once(tmp_path: Path) -> None:
    rows = [("a", -1), ("b", 0), ("c", 0), ("d", 0), ("e", -2)]
    assert judged(tmp_path, *rows, meant=6) == ["visits: 5 rows where 6 were meant", "visits.visits: values below 0"]


def test_a_flipped_bit_in_a_later_row_group_is_found(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    write_pieces(path, SCHEMA, [table(*((f"p{at}", at) for at in range(8)))])
    data = bytearray(path.read_bytes())
    chunk = pq.read_metadata(path).row_group(2).column(0)
    data[chunk.dictionary_page_offset + chunk.total_compressed_size - 1] ^= 4
    path.write_bytes(data)
    assert list(table_faults(path, CONTRACT, 8)) == ["visits: cannot be read"]
