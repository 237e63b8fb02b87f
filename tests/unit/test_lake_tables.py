"""Tables that DuckDB writes into a lake say what they said in memory."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from pipelines.lake import Lake, as_texts

MOODS = "create type mood as enum ('glad', 'calm', 'sad', 'never said')"


@pytest.fixture
def connection() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute(MOODS)
    return connection


def test_enumerations_are_written_as_texts_for_duckdb_loses_some_of_their_values(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    rows = "select i, (array['glad', 'calm', 'sad'])[i % 3 + 1]::mood as \"the \"\"mood\"\"\" from range(9) as r(i)"
    lake = Lake(tmp_path)
    assert lake.write("outcomes", "moods", connection.sql(rows)) == 9
    stored = pq.ParquetFile(lake.path("outcomes", "moods"), read_dictionary=['the "mood"']).read()
    assert stored["i"].to_pylist() == list(range(9))
    assert stored['the "mood"'].to_pylist() == ["glad", "calm", "sad"] * 3
    # An enumeration would stand here whole, with an empty text for the value that nobody said.
    assert stored['the "mood"'].chunk(0).dictionary.to_pylist() == ["glad", "calm", "sad"]


def test_rows_without_an_enumeration_are_written_as_they_are(connection: duckdb.DuckDBPyConnection) -> None:
    rows = connection.sql("select 1 as i, 'glad' as mood")
    assert as_texts(rows) is rows
