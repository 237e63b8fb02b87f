"""No statement reaches further than it must: every DuckDB connection is made in one place, and locked there."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import pytest

from pipelines import sql

PIPELINES = Path(sql.__file__).parent


@pytest.fixture
def inside(tmp_path: Path) -> duckdb.DuckDBPyConnection:
    """A connection to a lake in `tmp_path/lake`, with a table in it; beside the lake lies a secret."""
    (tmp_path / "secret.csv").write_text("name\nQuolmstrandx\n")
    (tmp_path / "lake").mkdir()
    with duckdb.connect() as connection:
        connection.sql("select 1 as one").write_parquet(str(tmp_path / "lake" / "table.parquet"))
    return sql.connect(tmp_path / "lake" / "spill")


def test_a_lake_is_read_and_written(inside: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    assert inside.execute(f"from read_parquet('{lake}/table.parquet')").fetchall() == [(1,)]
    inside.sql("select 2 as two").write_parquet(str(lake / "other.parquet"))
    assert (lake / "other.parquet").exists()


@pytest.mark.parametrize(
    "statement",
    [
        "from read_csv('{outside}/secret.csv')",
        "from read_text('{outside}/lake/../secret.csv')",
        "from glob('{outside}/*')",
        "copy (select 1) to '{outside}/out.csv'",
        "attach '{outside}/other.duckdb'",
        "from read_text('/etc/passwd')",
        "from read_csv('https://example.org/a.csv')",
        "install httpfs",
        "load httpfs",
        "set enable_external_access = true",
        "set allowed_directories = ['/']",
        "set lock_configuration = false",
        "set autoinstall_known_extensions = true",
    ],
)
def test_nothing_beyond_is_reached_and_the_lock_cannot_be_opened(
    inside: duckdb.DuckDBPyConnection, tmp_path: Path, statement: str
) -> None:
    with pytest.raises(duckdb.Error):
        inside.execute(statement.format(outside=tmp_path)).fetchall()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["lake", "secret.csv"]


def test_a_link_out_of_the_lake_leads_nowhere(inside: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    (tmp_path / "lake" / "link.csv").symlink_to(tmp_path / "secret.csv")
    with pytest.raises(duckdb.Error):
        inside.execute(f"from read_csv('{tmp_path}/lake/link.csv')").fetchall()


def test_a_cursor_is_locked_too(inside: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(duckdb.Error):
        inside.cursor().execute("from read_text('/etc/passwd')").fetchall()


def test_further_places_are_named(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x\n1\n")
    with sql.connect(places=[tmp_path]) as connection:
        assert connection.execute(f"from read_csv('{tmp_path}/a.csv')").fetchall() == [(1,)]


def test_every_connection_of_the_product_is_made_in_one_place() -> None:
    makers = [
        path.relative_to(PIPELINES).as_posix()
        for path in sorted(PIPELINES.rglob("*.py"))
        if re.search(r"duckdb\.(connect|sql|execute|query|read_parquet|read_csv)\(", path.read_text())
    ]
    assert makers == ["sql.py"]
