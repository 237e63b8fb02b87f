"""How evaluators read a release: DuckDB, pandas, polars, R, spreadsheets, CSV; and every query that we give runs."""

from __future__ import annotations

import gzip
import html
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines.publish import load_published_contracts
from pipelines.publish.copies import Copies
from pipelines.publish.published_contracts import ARROW_TYPES

DATA_PAGE_V1 = bytes([0x15, 0x00])
"""How a page's header begins in Thrift's compact form: field 1, an integer, 0 for a data page of version 1."""


@pytest.fixture
def copied(released: Path, tmp_path: Path) -> Path:
    """The release as somebody took it away, under another path."""
    return Path(shutil.copytree(released, tmp_path / "taken away" / "my copy"))


def test_tables_are_zstd_with_plain_types_and_pages_of_version_one(released: Path) -> None:
    paths = sorted(released.glob("*.parquet"))
    assert [path.stem for path in paths] == sorted(load_published_contracts())
    for path in paths:
        metadata = pq.read_metadata(path)
        data = path.read_bytes()
        assert set(pq.read_schema(path).types) <= set(ARROW_TYPES.values())
        for group in range(metadata.num_row_groups):
            for column in range(metadata.num_columns):
                chunk = metadata.row_group(group).column(column)
                assert chunk.compression == "ZSTD"
                assert data[chunk.data_page_offset :][:2] == DATA_PAGE_V1


def test_every_page_has_a_checksum(copied: Path) -> None:
    path = copied / "measure_definitions.parquet"
    chunk = pq.read_metadata(path).row_group(0).column(0)
    data = bytearray(path.read_bytes())
    data[chunk.data_page_offset + chunk.total_compressed_size // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(OSError, match=r"(?i)crc|checksum|corrupt"):
        pq.read_table(path, page_checksum_verification=True)


def test_duckdb_pandas_and_polars_read_the_same(released: Path) -> None:
    for name in load_published_contracts():
        path = released / f"{name}.parquet"
        with duckdb.connect() as connection:
            rows = connection.execute(f"select count(*) from '{path}'").fetchall()[0][0]
        assert rows == len(pd.read_parquet(path)) == pl.read_parquet(path).height, name


def test_the_views_are_read_where_duckdb_was_started(copied: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(copied)
    with duckdb.connect("release.duckdb", read_only=True) as connection:
        views = {
            row[0] for row in connection.execute("select view_name from duckdb_views() where not internal").fetchall()
        }
        counts = {name: connection.execute(f"select count(*) from {name}").fetchall()[0][0] for name in views}
    assert counts == {path.stem: pq.read_metadata(path).num_rows for path in copied.glob("*.parquet")}


def test_the_views_are_read_from_elsewhere_by_naming_the_release(copied: Path, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    with duckdb.connect(str(copied / "release.duckdb"), read_only=True) as connection:
        with pytest.raises(duckdb.IOException):
            connection.execute("from providers")
        connection.execute(f"set variable release = '{copied}'")
        assert connection.execute("select count(*) from persons").fetchall() == [(3,)]


def test_the_views_are_pinned_to_an_old_storage_version(released: Path) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"attach '{released}/release.duckdb' as release (read_only)")
        found = connection.execute("select tags from duckdb_databases() where database_name = 'release'").fetchall()
    assert found[0][0]["storage_version"].startswith("v1.2.0")


def test_the_csv_copies_hold_the_same_rows(released: Path) -> None:
    for name, contract in load_published_contracts().items():
        table = pd.read_csv(released / "csv" / f"{name}.csv.gz")
        assert list(table.columns) == [column.name for column in contract.columns]
        assert len(table) == pq.read_metadata(released / f"{name}.parquet").num_rows
    lines = gzip.decompress((released / "csv" / "providers.csv.gz").read_bytes()).decode().splitlines()
    assert lines == ['"provider_id","provider_name","service_area_code"', '"P1","<A> & Co","SPA1"']


def test_a_text_that_a_spreadsheet_would_run_is_disarmed_in_csv(tmp_path: Path) -> None:
    texts = ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "plain", "a=b", None]
    pq.write_table(pa.table({"text": texts, "number": [-1] * 8}), tmp_path / "told.parquet")
    with Copies(tmp_path) as copies:
        copies.begin("told")
        copies.finish(["told"])
    lines = gzip.decompress((tmp_path / "csv" / "told.csv.gz").read_bytes()).decode().splitlines()
    told = ['"\'=1+1"', '"\'+1"', '"\'-1"', '"\'@SUM(A1)"', '"\'\tx"', '"plain"', '"a=b"', ""]
    assert lines == ['"text","number"', *(f"{text},-1" for text in told)]


def test_the_workbook_holds_the_aggregates_and_no_formula(released: Path) -> None:
    with zipfile.ZipFile(released / "aggregates.xlsx") as book:
        sheets = re.findall(r'<sheet name="([^"]+)"', book.read("xl/workbook.xml").decode())
        parts = [book.read(name).decode() for name in book.namelist() if name.startswith("xl/worksheets/")]
    assert sheets[0] == "about"
    assert {"measure_results", "contract_statements", "deliveries"} <= set(sheets)
    assert not {"persons", "person_measures", "statement_lines"} & set(sheets)
    assert not any("<f>" in part for part in parts)


def test_sha256sum_checks_a_release_without_any_tool_of_ours(copied: Path) -> None:
    if shutil.which("sha256sum") is None:
        pytest.skip("sha256sum is not installed")
    words = ["sha256sum", "--check", "--quiet", "--strict", "SHA256SUMS"]
    assert subprocess.run(words, cwd=copied, capture_output=True, text=True).returncode == 0
    (copied / "README.md").write_text("other")
    assert subprocess.run(words, cwd=copied, capture_output=True, text=True).returncode == 1


def test_every_query_of_readme_and_dictionary_runs_in_the_release_folder(copied: Path, monkeypatch) -> None:
    monkeypatch.chdir(copied)
    readme = re.findall(r"```sql\n(.*?)\n```", (copied / "README.md").read_text(), flags=re.DOTALL)
    page = (copied / "data_dictionary.html").read_text()
    dictionary = [html.unescape(text) for text in re.findall(r"<pre><code>(.*?)</code></pre>", page, flags=re.DOTALL)]
    assert len(readme) == 3
    assert len(dictionary) == len(load_published_contracts())
    for query in (*readme, *dictionary):
        assert duckdb.sql(query).description, query


def test_the_dictionary_tells_every_column_its_caveats_and_how_current_each_source_is(released: Path) -> None:
    rows = pl.read_csv(released / "data_dictionary.csv")
    told = set(rows.select("table", "column").iter_rows())
    page = (released / "data_dictionary.html").read_text()
    for name, contract in load_published_contracts().items():
        assert {(name, column.name) for column in contract.columns} <= told
        assert contract.limitations in html.unescape(page)
    assert rows["caveats"].null_count() == 0
    sources = page.split('id="sources"')[1].split("</table>")[0]
    assert "sheriff</th><td>2026-10-31</td><td>2026-11-01</td><td>0</td>" in sources
    assert "never delivered" in sources and "stale" in sources


needs_r = pytest.mark.skipif(
    shutil.which("Rscript") is None,
    reason="R is not installed (Debian: apt-get install --no-install-recommends r-base-core)",
)


@needs_r
def test_r_reads_the_copies_without_any_package(released: Path) -> None:
    read = f"""for (path in sort(Sys.glob('{released}/csv/*.csv.gz'))) {{
        rows <- read.csv(path)
        cat(basename(path), nrow(rows), names(rows), fill = 10000)
    }}"""
    told = subprocess.run(["Rscript", "--vanilla", "-e", read], capture_output=True, text=True, check=True).stdout
    wanted = [
        [
            f"{name}.csv.gz",
            str(pq.read_metadata(released / f"{name}.parquet").num_rows),
            *(one.name for one in contract.columns),
        ]
        for name, contract in sorted(load_published_contracts().items())
    ]
    assert [line.split() for line in told.splitlines()] == wanted


@needs_r
def test_r_arrow_reads_a_release(released: Path) -> None:
    has_arrow = subprocess.run(["Rscript", "-e", "quit(status = !requireNamespace('arrow', quietly = TRUE))"])
    if has_arrow.returncode:
        pytest.skip("R has no package arrow, and Debian 12 has none for it: install.packages('arrow') from CRAN")
    code = f"cat(nrow(arrow::read_parquet('{released}/persons.parquet')))"
    assert subprocess.run(["Rscript", "-e", code], capture_output=True, text=True, check=True).stdout == "3"


def test_the_same_release_has_the_same_bytes_in_every_copy(publish_it, lake) -> None:
    from pipelines.reports import draw_all

    first = publish_it(draw=draw_all).release
    before = {path.name: path.read_bytes() for path in first.rglob("*") if path.is_file()}
    shutil.rmtree(first)
    again = publish_it(draw=draw_all).release
    assert {path.name: path.read_bytes() for path in again.rglob("*") if path.is_file()} == before
    assert {"aggregates.xlsx", "release.duckdb", "providers.csv.gz"} <= set(before)
