"""A process that held the bytes of a table against its contract does not hold the same bytes against it again."""

from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

from pipelines.lake import file_sha256
from pipelines.publish import verify
from pipelines.publish.published_contracts import PublishedTable, load_published_contracts
from pipelines.publish.row_groups import write_table

CONTRACT = load_published_contracts()["providers"]


@pytest.fixture
def release(tmp_path: Path) -> Path:
    columns = {column.name: ["x"] for column in CONTRACT.columns}
    write_table(tmp_path / "providers.parquet", pa.table(columns, schema=CONTRACT.arrow_schema))
    return tmp_path


def _faults(release: Path, rows: int = 1, contract: PublishedTable = CONTRACT) -> list[str]:
    told = {"rows": {"providers": rows}, "files": {"providers.parquet": {"sha256": _hash(release)}}}
    return [*verify._table_faults(release, told, {"providers": contract})]


def _hash(release: Path) -> str:
    return file_sha256(release / "providers.parquet")


def test_what_was_found_whole_is_not_read_again(release: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    verify.found_whole(_hash(release), CONTRACT, 1)
    monkeypatch.setattr(verify, "table_faults", lambda *_: ["was read"])
    assert _faults(release) == []


def test_other_bytes_are_read(release: Path) -> None:
    verify.found_whole(_hash(release), CONTRACT, 1)
    write_table(release / "providers.parquet", pa.table({"strange": ["x"]}))
    assert _faults(release) == ["providers: columns or types are not those of the contract"]


def test_the_same_bytes_are_read_for_another_contract_and_another_number_of_rows(release: Path) -> None:
    verify.found_whole(_hash(release), CONTRACT, 1)
    assert _faults(release, rows=2) == ["providers: 1 rows where 2 were meant"]
    (first, *others) = CONTRACT.columns
    stricter = replace(CONTRACT, columns=(replace(first, pattern="^y$"), *others))
    assert _faults(release, contract=stricter) == [f"providers.{first.name}: values that are not shaped like ^y$"]
